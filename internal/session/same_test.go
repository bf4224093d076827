package session

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// oneTrial is a search that begins its run, keeps one trial, and ends with an error or without.
func oneTrial(ends error) func(context.Context, *Chosen) error {
	return func(_ context.Context, c *Chosen) error {
		if len(c.Run().Trials) == 0 {
			if err := c.Begin(plan.Capacity, bench.Header{}); err != nil {
				return err
			}
		}
		if err := c.Keep(bench.Trial{Slot: bench.Slot{Role: bench.Candidate}}); err != nil {
			return err
		}
		return ends
	}
}

// as is a target whose server calls itself by a version.
func as(version string, t targets.Target) targets.Target {
	start := t.Start
	t.Start = func(ctx context.Context, say func(string)) (*targets.Deployment, error) {
		d, err := start(ctx, say)
		if err == nil {
			d.Identity.Version = version
		}
		return d, err
	}
	return t
}

// A search goes on where it was begun, with the servers that it was begun with. What refuses to, or
// ends before a new trial, leaves the stored run as it was, its end too.
func TestResumeRefusesWhatIsNotTheSame(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		server, _ := n.add()
		p := tokenPlan(plan.Capacity, filepath.Join(t.TempDir(), "r"))
		request := func(t targets.Target) Request {
			return n.request(p, map[bench.Role]targets.Target{bench.Candidate: t})
		}
		stopped := errors.New("stopped by hand")
		if _, err := RunChosen(t.Context(), request(as("v1", server)), oneTrial(stopped)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(p.Out, FileName)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := regexp.MustCompile(`"cores":\d+`).ReplaceAll(whole, []byte(`"cores":4096`))
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		for _, c := range []struct {
			what   string
			ctx    context.Context
			stored []byte
			target targets.Target
			is     func(error) bool
			want   string
		}{
			{"another machine", t.Context(), elsewhere, as("v1", server), isA[*targets.UsageError], "4096 cores"},
			{"another version", t.Context(), whole, as("v2", server), isA[*targets.UsageError],
				"the candidate was v1, and is v2 now"},
			{"no server", t.Context(), whole, failing("no image"), isA[*targets.StartError], "no image"},
			{"interrupted", cancelled, whole, as("v1", server),
				func(err error) bool { return errors.Is(err, ErrNothingMeasured) }, "is as it was"},
		} {
			if err := os.WriteFile(path, c.stored, 0o644); err != nil {
				t.Fatal(err)
			}
			result, err := Resume(c.ctx, p.Out, request(c.target), oneTrial(nil))
			if result != nil || !c.is(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, %T %v; want %q", c.what, result, err, err, c.want)
			}
			if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, c.stored) {
				t.Errorf("%s: the stored run was changed, %v", c.what, err)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Resume(t.Context(), p.Out, request(as("v1", server)), oneTrial(nil)); err != nil {
			t.Fatal(err)
		}
		back, err := Read(p.Out)
		if err != nil || len(back.Trials) != 2 || !back.Complete() {
			t.Errorf("resumed: %d trials, complete %v, %v; want the two, whole", len(back.Trials), back.Complete(), err)
		}
	})
}
