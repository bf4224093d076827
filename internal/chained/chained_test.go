package chained

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/session"
)

// store writes a run of compare in which the candidate takes so many times as long.
func store(t *testing.T, dir, baseline, candidate string, day int, slower float64) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := bench.CreateRunFile(filepath.Join(dir, session.FileName))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(day), 1))
	began := time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC)
	h := bench.Header{Schema: bench.RunSchema, Started: began, Plan: []byte(`{}`), Slots: 16,
		Loads: []bench.Load{{Process: "poisson", Streams: []bench.Stream{{Scenario: "token", Rate: 100}},
			Length: 2 * time.Second, Timeout: time.Second, Workers: 10}},
		Deployments: map[bench.Role]bench.Deployment{
			bench.Baseline:  {Name: baseline, Server: "embedded", Version: baseline},
			bench.Candidate: {Name: candidate, Server: "embedded", Version: candidate},
		}}
	design := verdict.Design{Profile: verdict.Quick()}
	if err := runs.Store(&h, design, []string{"token"}); err != nil {
		t.Fatal(err)
	}
	failed := w.WriteHeader(h)
	for pair := range 8 {
		machine := 1 + .3*rng.Float64() // What both share cancels.
		for position, role := range []bench.Role{bench.Baseline, bench.Candidate} {
			took := 5e6 * machine * (1 + .01*rng.NormFloat64())
			if role == bench.Candidate {
				took *= slower
			}
			m := bench.Measurement{Operation: "token", Response: bench.NewHistogram(), Service: bench.NewHistogram(),
				SendLag: bench.NewHistogram()}
			for range 200 {
				m.Response.Record(time.Duration(took))
				m.Service.Record(time.Duration(took))
				m.SendLag.Record(time.Microsecond)
			}
			m.Outcomes.OK, m.Offered, m.Achieved = 200, 100, 100
			trial := bench.Trial{Slot: bench.Slot{Epoch: pair, Block: pair, Pair: pair, Position: position, Role: role},
				Deployment: h.Deployments[role].Name, Load: h.Loads[0], Started: began, Elapsed: 2 * time.Second,
				Planned: 200, Sent: 200, Measurements: []bench.Measurement{m}}
			if failed == nil {
				failed = w.WriteTrial(trial)
			}
		}
	}
	if failed == nil {
		failed = w.WriteEnd(bench.End{At: began})
	}
	if failed != nil {
		t.Fatal(failed)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// Releases that each became 2 % slower, which no comparison alone convicts, are seen to creep, on
// machines that differ by a third from run to run; a run that no version joins to the others, and one
// that is none, are left out and named.
func TestCreepOverStoredRuns(t *testing.T) {
	dir := t.TempDir()
	for i := range 8 {
		store(t, filepath.Join(dir, fmt.Sprint("run-", i)), fmt.Sprint("v", i), fmt.Sprint("v", i+1), 2+i, 1.02)
	}
	store(t, filepath.Join(dir, "other"), "x", "y", 1, 1.5)
	if err := os.MkdirAll(filepath.Join(dir, "torn"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "torn", session.FileName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	found := Runs([]string{dir})
	if len(found) != 10 {
		t.Fatalf("runs %v; want ten", found)
	}
	c, err := Read(found)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.LeftOut) != 2 || !strings.Contains(strings.Join(c.LeftOut, "\n"), "y against x") {
		t.Errorf("left out %q; want the torn run, and y against x", c.LeftOut)
	}
	crept := false
	for _, s := range c.Series {
		if len(s.Releases) != 9 || s.Releases[0] != "v0" || s.Releases[8] != "v8" {
			t.Fatalf("%s at %v has the releases %v; want v0 to v8", s.Operation, s.Quantile, s.Releases)
		}
		for _, m := range s.Moves() {
			crept = crept || m.To-m.From > 4 && math.Abs(m.EachRelease()-1.02) < .01
		}
	}
	if !crept {
		t.Errorf("no series creeps by 2 %% a release: %+v", c.Series)
	}
	var out bytes.Buffer
	if err := c.Document().WriteText(&out, false); err != nil ||
		!strings.Contains(out.String(), "slowly slower from v") {
		t.Errorf("report, %v:\n%s", err, out.String())
	}
	if _, err := Read(nil); err == nil {
		t.Error("no runs are a chain")
	}
}
