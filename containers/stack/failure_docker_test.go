package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// small is the target of tests that need any server: it starts fastest.
const small = "glewlwyd:2.7.6"

func TestMissingImage(t *testing.T) {
	e := requireDocker(t)
	spec, err := ParseSpec("hydra:v2.3.0?image=localhost/oauthbench/absent:v0")
	if err != nil {
		t.Fatal(err)
	}
	run := "test-" + random(6)
	_, err = Start(t.Context(), spec, Options{RunID: run})
	var missing *MissingImage
	if !errors.As(err, &missing) || !slices.Equal(missing.Images, []string{"localhost/oauthbench/absent:v0"}) {
		t.Fatalf("Start = %v; want a MissingImage of the server", err)
	}
	if text := missing.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "docker load") || !strings.Contains(text, "--registry") {
		t.Errorf("error %q; want one line with the cures", text)
	}
	nothingLeft(t, e, run)
}

func TestServerNeverReady(t *testing.T) {
	e := requireDocker(t)
	s := prepare(t, small, Options{Timeout: 15 * time.Second})
	s.program.health = func(at site) string { return at.issuer + "/there-is-no-such-path" }
	err := s.start(t.Context())
	if errors.As(err, new(*MissingImage)) {
		t.Skip(err)
	}
	var failed *StartError
	if !errors.As(err, &failed) {
		t.Fatalf("start = %v; want a StartError", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) || failed.Cure == "" {
		t.Errorf("start = %v; want a deadline with its cure", err)
	}
	for _, secret := range []string{s.password, s.site.secret} {
		if strings.Contains(err.Error(), secret) {
			t.Error("the error holds a secret")
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t, e, s.options.RunID)
}

// prepare makes a stack that is not started, so that a test can spoil it.
func prepare(t *testing.T, target string, o Options) *Stack {
	t.Helper()
	spec, err := ParseSpec(target)
	if err != nil {
		t.Fatal(err)
	}
	o.RunID = "test-" + random(6)
	s, err := newStack(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	if s.engine, err = connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := requireDocker(t)
	spec, _ := ParseSpec(small)
	port := l.Addr().(*net.TCPAddr).Port
	run := "test-" + random(6)
	_, err = Start(t.Context(), spec, Options{RunID: run, Port: port})
	if errors.As(err, new(*MissingImage)) {
		t.Skip(err)
	}
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) || !strings.Contains(err.Error(), "taken") {
		t.Errorf("Start on a taken port = %v; want an error that names port %d", err, port)
	}
	nothingLeft(t, e, run)
}

// TestPortTakenMeanwhile takes the port between its choice and its use.
func TestPortTakenMeanwhile(t *testing.T) {
	s := start(t, small, Options{})
	if err := s.removeRole(t.Context(), roleServer); err != nil {
		t.Fatal(err)
	}
	before := s.Endpoints().Token
	l, err := net.Listen("tcp", strings.TrimPrefix(s.site.issuer, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := s.startServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := s.Endpoints().Token; after == before {
		t.Errorf("token endpoint is still %s, whose port is taken", after)
	}
}

func TestDatabaseKilled(t *testing.T) {
	s := start(t, small, Options{})
	if _, err := s.engine.ContainerKill(t.Context(), s.store.container.GetContainerID(), client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := s.Counters(ctx); err == nil {
		t.Error("Counters of a killed database = nil error")
	}
	if spent := s.Spent(); spent.Database.Known || spent.Counters != nil {
		t.Errorf("Spent = %+v; want nothing known of the database", spent)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartInterrupted(t *testing.T) {
	e := requireDocker(t)
	spec, _ := ParseSpec(small)
	for _, after := range []time.Duration{300 * time.Millisecond, 1500 * time.Millisecond, 2500 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			run := "test-" + random(6)
			s, err := Start(ctx, spec, Options{RunID: run})
			if errors.As(err, new(*MissingImage)) {
				t.Skip(err)
			}
			if err == nil {
				err = s.Close()
				if err != nil {
					t.Error(err)
				}
				t.Skip("it was faster than the interruption")
			}
			nothingLeft(t, e, run)
		})
	}
}

// leaveVariable makes the test binary start a stack and be killed.
const leaveVariable = "OAUTHBENCH_TEST_LEAVE"

// TestLeaveBehind is the helper process of TestClean.
func TestLeaveBehind(t *testing.T) {
	run := os.Getenv(leaveVariable)
	if run == "" {
		t.Skip("only as a helper process")
	}
	spec, _ := ParseSpec(small)
	if _, err := Start(t.Context(), spec, Options{RunID: run}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	t.Fatal("this process is not killed: ", err)
}

func TestClean(t *testing.T) {
	e := requireDocker(t)
	alive := start(t, small, Options{}) // of a process that runs: must stay
	run := "test-" + random(6)
	helper := exec.Command(os.Args[0], "-test.run=^TestLeaveBehind$", "-test.timeout=120s")
	helper.Env = append(os.Environ(), leaveVariable+"="+run)
	if out, err := helper.CombinedOutput(); err == nil || len(leftOvers(t, e, run)) == 0 {
		t.Fatalf("helper process: %v: %s", err, out)
	}
	if left := leftOvers(t, e, run); len(left) < 4 {
		t.Fatalf("the killed process left %v; want its containers, network and volume", left)
	}
	foreign, err := e.ContainerCreate(t.Context(), client.ContainerCreateOptions{Config: &container.Config{Image: alive.server.image.reference}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.ContainerRemove(context.Background(), foreign.ID, client.ContainerRemoveOptions{Force: true})

	removed, err := Clean(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(removed.Containers) < 2 || len(removed.Networks) < 1 || len(removed.Volumes) < 1 {
		t.Errorf("Clean = %+v; want two containers, a network and a volume", removed)
	}
	nothingLeft(t, e, run)
	if !slices.ContainsFunc(removed.Kept, func(k string) bool { return strings.Contains(k, alive.options.RunID) }) {
		t.Errorf("Clean kept %v; want run %s among them", removed.Kept, alive.options.RunID)
	}
	conform(t, alive)
	if _, err := e.ContainerInspect(t.Context(), foreign.ID, client.ContainerInspectOptions{}); err != nil {
		t.Errorf("a container without our labels is gone: %v", err)
	}
}

// Every build of oauthbench makes an image of its own; the newest is kept.
func TestCleanRemovesOldReferences(t *testing.T) {
	e := requireDocker(t)
	var names []string
	for n := range 2 {
		layer, err := rootFileSystem([]byte{byte(n)})
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("localhost/oauthbench/reference:test-%d", n)
		answer, err := e.ImageImport(t.Context(), client.ImageImportSource{Source: layer, SourceName: "-"}, name,
			client.ImageImportOptions{Changes: []string{"LABEL " + labelReference}})
		if err := errors.Join(err, streamError(answer), answer.Close()); err != nil {
			t.Fatal(err)
		}
		defer e.ImageRemove(context.Background(), name, client.ImageRemoveOptions{})
		names = append(names, name)
		if n == 0 { // the engine counts in seconds
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
		}
	}
	removed, err := e.removeOldReferences(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(removed, names[0]) || slices.Contains(removed, names[1]) {
		t.Errorf("removed %v; want %s and not %s", removed, names[0], names[1])
	}
}

func TestDoctor(t *testing.T) {
	requireDocker(t)
	spec, _ := ParseSpec(small)
	checks := Doctor(t.Context(), DoctorOptions{Targets: []Spec{spec}, Server: Limits{CPUs: 4096}})
	for _, c := range checks {
		t.Logf("%-9s %-7s %s; %s", c.Name, c.Verdict, c.Found, c.Meaning)
		if c.Verdict != Good && c.Meaning == "" {
			t.Errorf("check %s failed without a meaning", c.Name)
		}
		if c.Name == "cpu" && c.Verdict != Failed {
			t.Errorf("4096 CPUs were asked for; check cpu = %s", c.Verdict)
		}
	}
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
	if !errors.As(err, &missing) || !slices.Equal(missing.Images, []string{"localhost/oauthbench/absent:v0", "postgres:99"}) {
		t.Fatalf("Start = %v; want a MissingImage of both", err)
	}
	if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "postgres:99") {
		t.Errorf("error %q; want one line that names both", text)
	}
}
