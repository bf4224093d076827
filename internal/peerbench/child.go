package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"time"

	"github.com/oauthbench/oauthbench/internal/loopback"
)

// part starts this program again in one of its other parts.
func part(ctx context.Context, name string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, name)
	cmd.Env = append(os.Environ(), partVariable+"=1")
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// partVariable tells a test binary that it was started for one of the parts.
const partVariable = "PEERBENCH_PART"

// compete runs one task in a process of its own.
func compete(ctx context.Context, t task) (result, error) {
	cmd, err := part(ctx, contestantPart)
	if err != nil {
		return result{}, err
	}
	in, err := json.Marshal(t)
	if err != nil {
		return result{}, err
	}
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", t.Contestant, err)
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		return result{}, fmt.Errorf("%s: result: %w", t.Contestant, err)
	}
	r.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() - r.Before
	return r, nil
}

// server is the server under load, in a process of its own.
type server struct{ *loopback.Server }

func startServer(ctx context.Context) (server, error) {
	cmd, err := part(ctx, serverPart)
	if err != nil {
		return server{}, err
	}
	s, err := loopback.Start(cmd)
	return server{s}, err
}

// url is where exchanges of a kind go to, at a path of the server.
func (s server) url(ctx context.Context, k kind, path string) (string, error) {
	at := s.URL
	if k.tls {
		text, err := s.ask(ctx, http.MethodGet, "/secure", nil)
		if err != nil {
			return "", err
		}
		at = string(text)
	}
	if k.large && path == "/" {
		path = "/large"
	}
	return at + path, nil
}

// script gives the server its next script.
func (s server) script(ctx context.Context, next script) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	_, err = s.ask(ctx, http.MethodPut, "/script", text)
	return err
}

// account asks what the server did since its last script.
func (s server) account(ctx context.Context) (account, error) {
	var a account
	text, err := s.ask(ctx, http.MethodGet, "/account", nil)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

func (s server) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	return text, err
}
