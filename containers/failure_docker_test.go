package containers

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
)

func TestMissingImage(t *testing.T) {
	e := requireDocker(t)
	spec, err := ParseSpec("hydra:v2.3.0?image=localhost/oauthbench/absent:v0")
	if err != nil {
		t.Fatal(err)
	}
	run := "test-" + engine.Random(6)
	_, err = Start(t.Context(), spec, Options{RunID: run})
	var missing *MissingImage
	if !errors.As(err, &missing) || !slices.Equal(missing.Images, []string{"localhost/oauthbench/absent:v0"}) {
		t.Fatalf("Start = %v; want a MissingImage of the server", err)
	}
	if text := missing.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "docker load") ||
		!strings.Contains(text, "--registry") {
		t.Errorf("error %q; want one line with the cures", text)
	}
	nothingLeft(t, e, run)
}

// Both images missing are one line that names both.
func TestMissingImages(t *testing.T) {
	requireDocker(t)
	spec, err := ParseSpec("hydra:v2.3.0?image=localhost/oauthbench/absent:v0&db=postgres:99")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), spec, Options{})
	var missing *MissingImage
	if !errors.As(err, &missing) ||
		!slices.Equal(missing.Images, []string{"localhost/oauthbench/absent:v0", "postgres:99"}) {
		t.Fatalf("Start = %v; want a MissingImage of both", err)
	}
	if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "postgres:99") {
		t.Errorf("error %q; want one line that names both", text)
	}
}

// secrets are those that the stack's containers were given.
func secrets(t *testing.T, e *engine.Engine, run string) []string {
	t.Helper()
	var all []string
	for _, env := range environments(t, e, run) {
		for _, name := range []string{"TOY_SECRET=", "TOY_PASSWORD="} {
			if value, ok := strings.CutPrefix(env, name); ok {
				all = append(all, value)
			}
		}
	}
	return all
}

func environments(t *testing.T, e *engine.Engine, run string) []string {
	t.Helper()
	var all []string
	for _, c := range containersOf(t, e, run) {
		found, err := e.Client.ContainerInspect(t.Context(), c.id, client.ContainerInspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found.Container.Config.Env...)
	}
	return all
}

// made is a container of a run.
type made struct{ id, role string }

func containersOf(t *testing.T, e *engine.Engine, run string) []made {
	t.Helper()
	filters := make(client.Filters).Add("label", engine.LabelRun+"="+run)
	list, err := e.Client.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		t.Fatal(err)
	}
	var all []made
	for _, c := range list.Items {
		all = append(all, made{c.ID, c.Labels[engine.LabelRole]})
	}
	return all
}

func TestServerNeverReady(t *testing.T) {
	var seen []string
	run := "test-" + engine.Random(6)
	_, err := startToy(t, "toy:v1", Options{Timeout: 4 * time.Second, RunID: run}, func(p *stack.Program) {
		p.Health = func(at stack.Site) string { return at.Issuer + "/there-is-no-such-path?" + at.Secret }
		p.Serve = func(at stack.Site) stack.Command {
			if at.Secret != "" { // It is also asked without a site, for the variables that it sets.
				seen = append(seen, at.Secret)
			}
			return stack.Command{Args: []string{"server", ":8080", at.Issuer}}
		}
	})
	var failed *StartError
	if !errors.As(err, &failed) {
		t.Fatalf("Start = %v; want a StartError", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) || failed.Cure == "" {
		t.Errorf("Start = %v; want a deadline with its cure", err)
	}
	if len(seen) == 0 || strings.Contains(failed.Log, seen[0]) {
		t.Errorf("the log %q holds the secret %v", failed.Log, seen)
	}
}

// A server that ends at once is told with its code, its last words and the cure.
func TestServerEnds(t *testing.T) {
	_, err := startToy(t, "toy:v1", Options{}, func(p *stack.Program) {
		p.Serve = func(stack.Site) stack.Command {
			return stack.Command{Args: []string{"fail", "no space left on device"}}
		}
	})
	var failed *StartError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "code 3") ||
		!strings.Contains(failed.Log, "no space left") ||
		!strings.Contains(failed.Cure, "disk is full") {
		t.Errorf("Start = %v; want the code, the log and the cure of a full disk", err)
	}
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = startToy(t, "toy:v1", Options{Port: port}, nil)
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) || !strings.Contains(err.Error(), "taken") {
		t.Errorf("Start on a taken port = %v; want an error that names port %d", err, port)
	}
}

// TestPortTakenMeanwhile takes the port between its choice and its use.
func TestPortTakenMeanwhile(t *testing.T) {
	var before string
	s, err := startToy(t, "toy:v1", Options{}, func(p *stack.Program) {
		p.Prepare = func(_ context.Context, a *stack.Access) error {
			before = a.Issuer
			l, err := net.Listen("tcp", strings.TrimPrefix(a.Issuer, "http://"))
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := s.Endpoints().Issuer; before == "" || after == before {
		t.Errorf("issuer is still %s, whose port is taken", after)
	}
	conform(t, s)
}

// A server that has died is started again, on the same port.
func TestRestartAfterADeath(t *testing.T) {
	s, err := startToy(t, "toy:v1", Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(s.Endpoints().Issuer + "/die"); err == nil {
		t.Error("the server has answered a request that ends it")
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	conform(t, s)
}

// A name that is not known at once is no reason to give up a start.
func TestNameUnknownOnce(t *testing.T) {
	tries := 0
	s, err := startToy(t, "toy:v1", Options{}, func(p *stack.Program) {
		serve := p.Serve
		p.Serve = func(at stack.Site) stack.Command {
			if at.Issuer == "" { // It is asked for the variables that it sets.
				return serve(at)
			}
			if tries++; tries == 1 {
				return stack.Command{Args: []string{"fail", "lookup database: no such host"}}
			}
			return serve(at)
		}
	})
	if err != nil || tries != 2 {
		t.Fatalf("Start = %v after %d tries; want the second to do", err, tries)
	}
	conform(t, s)
}

// What ended is told with its code and its last words.
func TestCauses(t *testing.T) {
	run := "test-" + engine.Random(6)
	s, err := startToy(t, "toy:v1", Options{RunID: run}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if all := s.Causes(); len(all) > 0 {
		t.Errorf("a healthy stack: %v", all)
	}
	_, _ = http.Get(s.Endpoints().Issuer + "/die") // its answer never comes
	e, err := engine.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Client.Close()
	for _, c := range containersOf(t, e, run) {
		if c.role == "database" {
			kill := client.ContainerKillOptions{Signal: "KILL"}
			if _, err := e.Client.ContainerKill(t.Context(), c.id, kill); err != nil {
				t.Fatal(err)
			}
		}
		wait := e.Client.ContainerWait(t.Context(), c.id, client.ContainerWaitOptions{Condition: "not-running"})
		select {
		case <-wait.Result:
		case err := <-wait.Error:
			t.Fatal(err)
		}
	}
	want := map[string]string{"server": `the server has ended with code 3; the last line of its log is "toy: panic: ` +
		`told to die"`, "database": "the database has ended with code 137"}
	all := s.Causes()
	for _, c := range all {
		if c.String() != want[c.Part] {
			t.Errorf("%s: %q; want %q", c.Part, c, want[c.Part])
		}
	}
	if len(all) != len(want) {
		t.Errorf("%v; want those of both parts", all)
	}
	if spent := s.Spent(); spent.Database.Known || spent.Counters != nil {
		t.Errorf("Spent = %+v; want nothing known of the database", spent)
	}
}

func TestStartInterrupted(t *testing.T) {
	catalogue, e := toys(t, nil)
	spec, err := catalogue.Parse("toy:v1?db=postgres:15")
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{100 * time.Millisecond, 600 * time.Millisecond, 1500 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			run := "test-" + engine.Random(6)
			s, err := stack.Start(ctx, spec, Options{RunID: run})
			if err == nil {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			nothingLeft(t, e, run)
		})
	}
}

// No secret of a stack is in what is told of it, and everything of it is as it was asked.
func TestWhatIsMade(t *testing.T) {
	run := "test-" + engine.Random(6)
	o := Options{RunID: run, Server: Limits{CPUs: 1.5, Memory: 512 << 20}, Database: Limits{CPUs: 1, Memory: 1 << 30}}
	s, err := startToy(t, "toy:v1", o, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Client.Close()
	given := secrets(t, e, run)
	if len(given) != 2 {
		t.Fatalf("the containers were given %d secrets; want two", len(given))
	}
	told, err := json.Marshal(s.Deployment())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range given {
		if strings.Contains(string(told), secret) {
			t.Error("the deployment holds a secret")
		}
	}
	all := containersOf(t, e, run)
	if len(all) != 2 {
		t.Errorf("%d containers; want server and database", len(all))
	}
	for _, c := range all {
		found, err := e.Client.ContainerInspect(t.Context(), c.id, client.ContainerInspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for port, bindings := range found.Container.NetworkSettings.Ports {
			for _, b := range bindings {
				if !b.HostIP.IsLoopback() {
					t.Errorf("port %s is published on %s", port, b.HostIP)
				}
			}
		}
		want := map[string]Limits{"server": o.Server, "database": o.Database}[c.role]
		if h := found.Container.HostConfig; h.NanoCPUs != int64(want.CPUs*1e9) || h.Memory != want.Memory {
			t.Errorf("%s is limited to %d ns/s and %d bytes; want %+v", c.role, h.NanoCPUs, h.Memory, want)
		}
	}
}
