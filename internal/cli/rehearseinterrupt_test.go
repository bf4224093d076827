package cli

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// ^C of a rehearsal or a matrix is an end like that of other commands, and no step that could not be done.
func TestInterruptedRehearsal(t *testing.T) {
	t.Setenv(asProgram, "1")
	for name, command := range map[string]func() *cobra.Command{"rehearse": rehearseCommand, "matrix": matrixCommand} {
		t.Chdir(t.TempDir())
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errInterrupted)
		cmd := command()
		cmd.SetArgs([]string{"--from", "embedded:v1", "--to", "embedded:v2"})
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		err := cmd.ExecuteContext(ctx)
		if code := exitcode.Of(err); code != exitcode.Inconclusive || !strings.HasPrefix(err.Error(), name+": ") ||
			!strings.Contains(err.Error(), "interrupted") {
			t.Errorf("%s: %v, exit %d; want %d and that it was interrupted", name, err, code, exitcode.Inconclusive)
		}
	}
}
