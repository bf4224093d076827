package containers

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/containers/engine"
)

// requireDocker skips what starts containers, which takes many minutes, unless
// OAUTHBENCH_REQUIRE_DOCKER=1 asks for it; then a missing engine is a failure.
func requireDocker(t *testing.T) *engine.Engine {
	t.Helper()
	if os.Getenv("OAUTHBENCH_REQUIRE_DOCKER") != "1" {
		t.Skip("OAUTHBENCH_REQUIRE_DOCKER=1 runs what starts containers")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	e, err := engine.Connect(ctx)
	if err == nil {
		_, err = e.Client.ServerVersion(ctx, client.ServerVersionOptions{})
	}
	if err != nil {
		t.Fatalf("OAUTHBENCH_REQUIRE_DOCKER=1: %v", err)
	}
	t.Cleanup(func() { e.Client.Close() })
	return e
}

// start starts a target for a test, and skips it by name when an image is absent.
// What the test leaves is checked to be nothing.
func start(t *testing.T, target string, o Options) *Stack {
	t.Helper()
	e := requireDocker(t)
	spec, err := ParseSpec(target)
	if err != nil {
		t.Fatal(err)
	}
	if o.RunID == "" {
		o.RunID = "test-" + engine.Random(6)
	}
	t.Cleanup(func() { nothingLeft(t, e, o.RunID) })
	begin := time.Now()
	s, err := Start(t.Context(), spec, o)
	skipWithoutImage(t, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s started in %s", target, time.Since(begin).Round(time.Millisecond))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", target, s.Logs(context.Background(), 15))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// skipWithoutImage skips a test by name when an image is absent that nothing here makes.
// What .ci/images/build.sh makes must be there.
func skipWithoutImage(t *testing.T, err error) {
	t.Helper()
	var missing *MissingImage
	if !errors.As(err, &missing) {
		return
	}
	recipes, readErr := os.ReadFile("../.ci/images/build.sh")
	if readErr != nil {
		t.Fatal(readErr)
	}
	for _, image := range missing.Images {
		if strings.Contains(string(recipes), image) {
			t.Fatalf("%v: run .ci/images/build.sh", missing)
		}
	}
	t.Skip(missing)
}

// optionsOf are what a target needs to be started by a test.
func optionsOf(t *testing.T, target string) Options {
	t.Helper()
	if !strings.HasPrefix(target, "reference:") {
		return Options{}
	}
	requireDocker(t)
	return Options{Binary: binary(t)}
}

// nothingLeft fails the test when the engine has anything of the run.
func nothingLeft(t *testing.T, e *engine.Engine, run string) {
	t.Helper()
	left, err := e.Leavings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		if l.Run == run {
			t.Errorf("left behind by run %s", run)
		}
	}
}
