package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/process"
)

// serving runs the command until stop; the lines it prints come from output.
func serving(t *testing.T, args ...string) (output *bufio.Reader, input io.Closer, stop func() error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	in, inWriter := io.Pipe()
	outReader, out := io.Pipe()
	cmd := serveCommand()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(t.Output())
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		out.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(cancel)
	return bufio.NewReader(outReader), inWriter, func() error {
		cancel()
		return <-ended
	}
}

// As a child the command prints its addresses as one line of JSON, and ends with its input.
func TestServeAsChild(t *testing.T) {
	output, input, stop := serving(t, "--exit-with-stdin", "--set", "tokens=jwt", "v1")
	line, err := output.ReadBytes('\n')
	if err != nil {
		t.Fatal(err, stop())
	}
	var at process.Addresses
	if err := json.Unmarshal(line, &at); err != nil {
		t.Fatalf("serve printed %q: %v", line, err)
	}
	resp, err := http.Get(at.Public + "/ready")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("health = %s", resp.Status)
	}
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(output); err != nil || len(rest) > 0 {
		t.Errorf("serve printed %q more, %v; want one line", rest, err)
	}
	if err := stop(); err != nil {
		t.Errorf("serve = %v", err)
	}
}

func TestServeForPeople(t *testing.T) {
	output, _, stop := serving(t)
	for _, want := range []string{"public  http://127.0.0.1:", "admin   http://127.0.0.1:", "End with ^C."} {
		if line, err := output.ReadString('\n'); err != nil || !strings.HasPrefix(line, want) {
			t.Errorf("serve printed %q, %v; want %s", line, err, want)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("serve = %v; want nil after ^C", err)
	}
}

func TestServeRefusals(t *testing.T) {
	for _, test := range []struct {
		what string
		args []string
		want string
	}{
		{"unknown version", []string{"v9"}, `no version "v9": use v1 or v2`},
		{"two versions", []string{"v1", "v2"}, `not "v2" as well`},
		{"not a pair", []string{"--set", "jwt"}, `--set "jwt" is not key=value`},
		{"no key", []string{"--set", "=jwt"}, `--set "=jwt" is not key=value`},
		{"unknown key", []string{"--set", "a=b"}, `no setting "a"`},
		{"same key twice", []string{"--set", "db=sqlite", "--set", "db=sqlite"}, `"db" is given 2 times`},
		{"open to the network", []string{"--listen", "0.0.0.0:4444"}, "is not a loopback address"},
	} {
		t.Setenv("TMPDIR", t.TempDir())
		cmd := serveCommand()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(test.args)
		cmd.SetOut(&bytes.Buffer{})
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: serve = %v; want %s", test.what, err, test.want)
		}
	}
}
