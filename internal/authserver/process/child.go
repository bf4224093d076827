package process

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
)

// errPortTaken says that a child could not have the port it was told to use.
var errPortTaken = errors.New("port in use")

// endingPatience bounds how long a server may take to answer, or to be gone, when it is
// asked whether it lives.
const endingPatience = 5 * time.Second

// child is one serving process.
type child struct {
	cmd   *exec.Cmd
	input io.WriteCloser
	log   *childLog     // of its standard error
	done  chan struct{} // closed when the process is gone
	err   error         // of Wait; valid after done
}

// launch starts a child and waits until it has told its addresses and answers on
// them. When that fails the child is gone before launch returns.
func launch(ctx context.Context, command, env []string, timeout time.Duration) (*child, Addresses, error) {
	log, logEnd, err := openChildLog()
	if err != nil {
		return nil, Addresses{}, err
	}
	defer logEnd.Close() // The child has its own copy.
	c := &child{cmd: exec.Command(command[0], command[1:]...), log: log, done: make(chan struct{})}
	first := &firstLine{line: make(chan []byte, 1)}
	c.cmd.Env = env
	c.cmd.Stdout = first
	c.cmd.Stderr = logEnd
	c.cmd.WaitDelay = time.Second // a grandchild with our pipes must not hold up Wait
	detach(c.cmd)
	if c.input, err = c.cmd.StdinPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		log.close()
		return nil, Addresses{}, err
	}
	go func() {
		c.err = c.cmd.Wait()
		log.close()
		close(c.done)
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not ready within %s", timeout))
	defer cancel()
	at, err := c.ready(ctx, first.line)
	if err != nil {
		c.kill()
		if strings.Contains(c.log.String(), portTaken) {
			err = fmt.Errorf("%w: %w", errPortTaken, err)
		}
		return nil, Addresses{}, err
	}
	return c, at, nil
}

// ready waits for the line with the addresses and for an answer of the health endpoint.
func (c *child) ready(ctx context.Context, line <-chan []byte) (Addresses, error) {
	var at Addresses
	select {
	case text := <-line:
		if err := json.Unmarshal(text, &at); err != nil {
			return at, fmt.Errorf("child answered %q, not its addresses", text)
		}
	case <-c.done:
		return at, c.exited()
	case <-ctx.Done():
		return at, c.late(ctx)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.base()+settings.HealthPath, nil)
	if err != nil {
		return at, err
	}
	config, err := at.tls()
	if err != nil {
		return at, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
	resp, err := client.Do(req)
	if ctx.Err() != nil {
		return at, c.late(ctx)
	}
	if err != nil {
		return at, errors.Join(err, c.log.err())
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return at, errors.Join(fmt.Errorf("health endpoint answered %s", resp.Status), c.log.err())
	}
	return at, nil
}

// gone tells whether the process has ended.
func (c *child) gone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *child) exited() error {
	status := "exit status 0"
	if c.err != nil {
		status = c.err.Error()
	}
	return errors.Join(fmt.Errorf("child exited before it was ready: %s", status), c.log.err())
}

// ending tells whether the process is about to be gone, and waits until it is. The system
// takes a process's connections first, so that a request may have failed for its end
// before the end is seen. A process that only hangs is not ending.
func (c *child) ending(ctx context.Context, client *http.Client, admin string) bool {
	ctx, cancel := context.WithTimeout(ctx, endingPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, admin, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err == nil {
		resp.Body.Close()
		return false
	}
	select {
	case <-c.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// lastWords tell how the process ended. It must be gone.
func (c *child) lastWords() string {
	status := "exit status 0"
	if c.err != nil {
		status = c.err.Error()
	}
	said := c.log.String()
	if last := said[strings.LastIndexByte(said, '\n')+1:]; last != "" {
		status += fmt.Sprintf(", after it said %q", last)
	}
	return status
}

func (c *child) late(ctx context.Context) error {
	return errors.Join(context.Cause(ctx), c.log.err())
}

// stop ends the child: its input ends, after the line that says whether the data
// are to be kept. It kills after patience.
func (c *child) stop(keep bool, patience time.Duration) error {
	if keep {
		io.WriteString(c.input, keepLine+"\n") // fails only when the child is gone
	}
	c.input.Close()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		c.kill()
		if keep {
			return fmt.Errorf("child did not end within %s and was killed", patience)
		}
		return nil
	}
	if c.err != nil {
		return errors.Join(fmt.Errorf("child: %w", c.err), c.log.err())
	}
	return nil
}

func (c *child) kill() {
	c.cmd.Process.Kill() // fails only when it is gone
	c.input.Close()
	<-c.done
}

// firstLine hands over the first line written to it and drops the rest.
type firstLine struct {
	line   chan []byte // of capacity 1
	buffer []byte
	full   bool
}

func (f *firstLine) Write(b []byte) (int, error) {
	if !f.full {
		f.buffer = append(f.buffer, b...)
		if i := bytes.IndexByte(f.buffer, '\n'); i >= 0 {
			f.full = true
			f.line <- f.buffer[:i]
		}
	}
	return len(b), nil
}

// base is the URL where the server listens.
func (a Addresses) base() string { return cmp.Or(a.Address, a.Public) }

// tls trusts the server's own authority alone; nil for a server that speaks plain HTTP.
func (a Addresses) tls() (*tls.Config, error) {
	if a.Authority == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(a.Authority)) {
		return nil, errors.New("child gave no certificate of its authority")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// newAdminClient keeps its connections, since a workload may play thousands of users,
// and follows no redirection.
func newAdminClient(config *tls.Config) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
