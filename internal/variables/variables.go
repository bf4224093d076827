// Package variables lets every flag be given as an environment variable: --max-workers as
// OAUTHBENCH_MAX_WORKERS. A flag on the command line beats its variable.
package variables

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/nearest"
)

// Prefix is how all variables of this program begin.
const Prefix = "OAUTHBENCH_"

// givenAnnotation is where a flag keeps that a variable gave its value.
const givenAnnotation = "oauthbench-variable"

// own are variables that are no flags: what servers are reached with, and what tests of this
// program are told.
var own = []string{Prefix + "CLIENT_ID", Prefix + "CLIENT_SECRET", Prefix + "POSTGRES_DSN", Prefix + "FALSE_ALARMS"}

// ownPrefixes begin variables that tests of this program are told.
var ownPrefixes = []string{Prefix + "TEST_", Prefix + "REQUIRE_"}

// credentials end variables that hold what a plan sends to a server: a job may have those of
// several plans.
var credentials = []string{"_ID", "_SECRET", "_TOKEN", "_PASSWORD"}

// Name is the variable of a flag.
func Name(flag string) string { return Prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// Given tells whether a flag has its value from a variable.
func Given(flag *pflag.Flag) bool { return flag.Annotations[givenAnnotation] != nil }

// Apply gives the flags of a command, those that were not given on the command line, the
// values of their variables. An empty variable is as one that is not set. Of a flag that may
// be repeated each line is a value.
func Apply(cmd *cobra.Command) error {
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := Name(f.Name)
		value := strings.TrimSpace(os.Getenv(name))
		if first != nil || f.Changed || value == "" || !isFlag(f) {
			return
		}
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := f.Value.Set(line); err != nil {
				first = flagvalue.Refused(name, f, line, err)
				return
			}
		}
		f.Changed = true
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[givenAnnotation] = []string{name}
	})
	return first
}

// isFlag tells whether a flag has a variable: what is not in the help has none.
func isFlag(f *pflag.Flag) bool { return !f.Hidden && f.Name != "help" && f.Name != "version" }

// CheckUnknown refuses a variable that begins like ours and is of no flag, is not among those
// that a plan names, and holds no credentials by its name: it would be misspelt and change
// nothing. With sure, only what is likely a misspelt flag is refused: for a command that reads
// no plan, which may name others. Values are secret, and never part of the error.
func CheckUnknown(root *cobra.Command, named []string, sure bool) error {
	known := slices.Concat(flagNames(root), own, named)
	var unknown []string
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, Prefix) && strings.TrimSpace(value) != "" && !slices.Contains(known, name) &&
			!expected(name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		if similar := nearest.Word(strings.TrimPrefix(name, Prefix), cutPrefix(known)); similar != "" {
			return fmt.Errorf("unknown variable %s: did you mean %s%s?", name, Prefix, similar)
		}
		if !sure {
			return fmt.Errorf("unknown variable %s: no flag is called --%s, and the plan does not name it", name,
				strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, Prefix), "_", "-")))
		}
	}
	return nil
}

func expected(name string) bool {
	return slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) ||
		slices.ContainsFunc(credentials, func(s string) bool { return strings.HasSuffix(name, s) })
}

func cutPrefix(names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, strings.TrimPrefix(n, Prefix))
	}
	return all
}

// flagNames are the variables of all flags of a command and those below it.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if isFlag(f) {
			names = append(names, Name(f.Name))
		}
	}
	cmd.LocalFlags().VisitAll(add)
	for _, c := range cmd.Commands() {
		names = append(names, flagNames(c)...)
	}
	return names
}
