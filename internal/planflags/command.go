package planflags

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/internal/variables"
)

// AskFor is Ask for a plan of any command, of a command line that has the flags of all: for the
// one that is named, else for the first that takes all keys and values of the file, of the flags
// and, where one does, of the variables.
func AskFor(cmd *cobra.Command, named string) (command string, a Asked, err error) {
	if named != "" && !slices.Contains(plan.Commands, named) {
		return "", a, fmt.Errorf("--for %q: %s", named, nearest.Cure(named, plan.Commands))
	}
	f, err := findFile(cmd)
	if err != nil {
		return "", a, err
	}
	commands, err := fitting(cmd, f.File, named)
	if err != nil {
		return "", a, err
	}
	for i, name := range commands {
		a, err = read(cmd, name, f.File)
		if _, other := errors.AsType[*plan.NotForError](err); !other || i == len(commands)-1 {
			command = name
			break
		}
	}
	if err != nil {
		return "", a, err
	}
	if f.found {
		sayFound(cmd, command, f.File)
	}
	sayUnused(cmd, command)
	return command, a, a.check(cmd)
}

// fitting are the commands that have all keys of the file and of the flags, those that have the keys
// of all variables first. A file with a key that no command has is for the first: reading it says
// which key.
func fitting(cmd *cobra.Command, file *plan.File, named string) ([]string, error) {
	onLine := given(cmd, func(f *pflag.Flag) bool { return !variables.Given(f) })
	if named != "" {
		if !takes(named, onLine...) {
			return nil, fmt.Errorf("--for %s: %s has not all of --%s", named, named, strings.Join(onLine, ", --"))
		}
		return []string{named}, nil
	}
	commands := plan.Commands
	if file != nil {
		if commands = file.Commands(); len(commands) == 0 {
			commands = []string{plan.Compare}
		}
	}
	inVariables := given(cmd, variables.Given)
	var first, others []string
	for _, command := range commands {
		switch {
		case !takes(command, onLine...):
		case takes(command, inVariables...):
			first = append(first, command)
		default:
			others = append(others, command)
		}
	}
	if all := append(first, others...); len(all) > 0 {
		return all, nil
	}
	return nil, errors.New("no command has all of these keys: a plan is for one command, and --for names it")
}

// given are the keys whose flags have a value of a kind.
func given(cmd *cobra.Command, of func(*pflag.Flag) bool) []string {
	var keys []string
	for _, k := range plan.Keys {
		if f := cmd.Flags().Lookup(k.Name); f.Changed && of(f) {
			keys = append(keys, k.Name)
		}
	}
	return keys
}

// sayUnused says of each variable of a key that a command does not have that it is not used, where the
// variable is set: whoever set it for this command would wait for its effect.
func sayUnused(cmd *cobra.Command, command string) {
	for _, k := range plan.Keys {
		if !takes(command, k.Name) {
			sayNotUsed(cmd, k.Name, command+" has no such key")
		}
	}
}

// SayTargetsUnused says of each variable that names a target that it is not used, where the variable is
// set, for a command whose targets are other flags.
func SayTargetsUnused(cmd *cobra.Command, flags string) {
	for _, key := range targetKeys {
		sayNotUsed(cmd, key, cmd.Name()+" has "+flags)
	}
}

func sayNotUsed(cmd *cobra.Command, key, why string) {
	if name := variables.Name(key); strings.TrimSpace(os.Getenv(name)) != "" {
		terminal.Fprintf(cmd.ErrOrStderr(), "%s is not used: %s\n", name, why)
	}
}

// takes tells whether a command has all of some keys.
func takes(command string, keys ...string) bool {
	of := plan.For(command)
	return !slices.ContainsFunc(keys, func(name string) bool {
		return !slices.ContainsFunc(of, func(k plan.Key) bool { return k.Name == name })
	})
}
