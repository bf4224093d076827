package planflags

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// noPlan is the --plan of a user who wants none, though there is one here.
const noPlan = "none"

// chosen is the plan file of a command line, nil for none. A plan that lies here is found:
// nobody asked for it.
type chosen struct {
	*plan.File
	found bool
}

// findFile reads the plan that --plan names, else the one that lies here.
func findFile(cmd *cobra.Command) (chosen, error) {
	path, _ := cmd.Flags().GetString("plan") // Add has made it.
	switch {
	case path == noPlan || path == "" && cmd.Flags().Changed("plan"):
		return chosen{}, nil
	case path != "":
		file, err := plan.ReadFile(path)
		return chosen{File: file}, err
	case cmd.Flags().Changed("extend") || cmd.Flags().Changed("resume"):
		return chosen{}, nil // The stored run has its plan.
	}
	// A link to nothing is there, and someone meant it to be a plan.
	if _, err := os.Lstat(plan.FoundName); errors.Is(err, fs.ErrNotExist) {
		return chosen{}, nil
	}
	if info, err := os.Stat(plan.FoundName); err == nil && info.IsDir() {
		terminal.Fprintf(cmd.ErrOrStderr(), "plan: %s here is a folder, and not used\n", plan.FoundName)
		return chosen{}, nil
	}
	file, err := plan.ReadFile(plan.FoundName)
	if err != nil {
		return chosen{}, fmt.Errorf("%w (found here; --plan %s does without)", err, noPlan)
	}
	return chosen{file, true}, nil
}

// sayFound names a plan that was found, and says of one for other commands that it is not used:
// then it is nil.
func sayFound(cmd *cobra.Command, command string, file *plan.File) *plan.File {
	tried := plan.Default(command)
	if other, is := errors.AsType[*plan.OtherCommandError](tried.Apply(command, file)); is {
		terminal.Fprintf(cmd.ErrOrStderr(), "plan: not used, for %v (--plan %s says no more of it)\n", other, noPlan)
		return nil
	}
	terminal.Fprintf(cmd.ErrOrStderr(), "plan: %s, found here (--plan %s does without)\n", plan.FoundName, noPlan)
	return file
}
