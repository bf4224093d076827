package planflags

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oauthbench/internal/nearest"
	"oauthbench/internal/plan"
	"oauthbench/internal/variables"
)

// AskFor is Ask for a plan of any command, of a command line that has the flags of all: for the
// one that is named, else for the first that has all keys of the file and of the flags.
func AskFor(cmd *cobra.Command, named string) (command string, a Asked, err error) {
	if command, err = commandFor(cmd, named); err != nil {
		return "", a, err
	}
	a, err = Ask(cmd, command)
	return command, a, err
}

// commandFor chooses the command that a plan is for.
func commandFor(cmd *cobra.Command, named string) (string, error) {
	if named != "" && !slices.Contains(plan.Commands, named) {
		return "", fmt.Errorf("--for %q: %s", named, nearest.Cure(named, plan.Commands))
	}
	var onLine []string
	for _, k := range plan.Keys {
		if f := cmd.Flags().Lookup(k.Name); f.Changed && !variables.Given(f) {
			onLine = append(onLine, k.Name)
		}
	}
	takes := func(command string) bool {
		return !slices.ContainsFunc(onLine, func(name string) bool {
			return !slices.ContainsFunc(plan.For(command), func(k plan.Key) bool { return k.Name == name })
		})
	}
	if named != "" {
		if !takes(named) {
			return "", fmt.Errorf("--for %s: %s has not all of --%s", named, named, strings.Join(onLine, ", --"))
		}
		return named, nil
	}
	fitting, err := fittingFile(cmd)
	if err != nil {
		return "", err
	}
	for _, command := range fitting {
		if takes(command) {
			return command, nil
		}
	}
	return "", errors.New("no command has all of these keys: a plan is for one command, and --for names it")
}

// fittingFile are the commands that have all keys of the plan file, or all when there is none.
// A file with a key that no command has is for the first: reading it says which key.
func fittingFile(cmd *cobra.Command) ([]string, error) {
	path, _ := cmd.Flags().GetString("plan") // AddAll has made it.
	if path == "" && !cmd.Flags().Changed("plan") {
		if info, err := os.Stat(plan.FoundName); err == nil && !info.IsDir() {
			path = plan.FoundName
		}
	}
	if path == "" || path == noPlan {
		return plan.Commands, nil
	}
	file, err := plan.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if fitting := file.Commands(); len(fitting) > 0 {
		return fitting, nil
	}
	return []string{plan.Compare}, nil
}
