// Package loopback is a server on the loopback interface in a process of its own, for tests
// and benchmarks of generators: what it spends is not counted as theirs. It knows nothing of
// what is measured.
package loopback

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Answer is what Trivial answers, about as long as an introspection's answer.
const Answer = `{"active":true,"scope":"bench","client_id":"client-1"}`

// Trivial answers at once.
func Trivial(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, Answer) // a client that is gone counts for itself
}

// Serve answers on a port of its own, which it prints, until its input ends: with the
// process that started it at the latest.
func Serve(stdin io.Reader, stdout io.Writer, h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: h}
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // an error is an end, too
		server.Close()
	}()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// Server is a process that runs Serve.
type Server struct {
	URL   string // without a path
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start starts cmd, which must run Serve, and returns when it listens.
func Start(cmd *exec.Cmd) (*Server, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, stdin: stdin}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), s.Close())
	}
	s.URL = "http://" + strings.TrimSpace(address)
	return s, nil
}

// Close ends the process.
func (s *Server) Close() error { return errors.Join(s.stdin.Close(), s.cmd.Wait()) }

// variable makes a test binary whose TestMain is Main a trivial server.
const variable = "OAUTHBENCH_LOOPBACK"

// Main is the TestMain of packages whose tests call Run.
func Main(m *testing.M) {
	if os.Getenv(variable) == "" {
		os.Exit(m.Run())
	}
	if err := Serve(os.Stdin, os.Stdout, http.HandlerFunc(Trivial)); err != nil {
		panic(err)
	}
}

// Run starts this test binary again as a trivial server, until the test ends, and returns
// its URL.
func Run(tb testing.TB) string {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"=1")
	s, err := Start(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s.URL + "/"
}
