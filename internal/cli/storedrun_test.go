package cli

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
)

// madeRun describes a synthetic run of two versions: what the commands that measure
// nothing work on. It is of schema 1, as of before runs carried their rule.
type madeRun struct {
	profile string  // "" is quick
	epochs  int     // 0 is 1
	blocks  int     // in an epoch; 0 is 3
	factor  float64 // of the candidate's response times; 0 is 1
	noise   float64 // deviation of the log of a trial's times
	seed    uint64  // of the plan; 0 is 7
	started time.Time
	change  func(*bench.Run)
}

func (m madeRun) run() *bench.Run {
	m.epochs, m.blocks = max(m.epochs, 1), max(m.blocks, 1)
	if m.epochs == 1 {
		m.blocks = 3
	}
	if m.factor == 0 {
		m.factor = 1
	}
	if m.seed == 0 {
		m.seed = 7
	}
	if m.started.IsZero() {
		m.started = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	}
	p := plan.Default(plan.Compare)
	p.Baseline, p.Candidate, p.Seed, p.Scenarios = "embedded:v2", "embedded:v2?tokens=jwt", m.seed, []string{"token"}
	if m.profile != "" {
		p.Profile = m.profile
	}
	p.Gates = []verdict.Gate{{Operation: "token", Quantile: .95}}
	load := bench.Load{
		Process: "poisson", Streams: []bench.Stream{{Scenario: "token", Rate: 100}}, LeadIn: 500 * time.Millisecond,
		Length: 10500 * time.Millisecond, Timeout: 10 * time.Second, Workers: 64,
	}
	run := &bench.Run{Header: bench.Header{
		Schema: 1, Tool: "test", Command: []string{"oauthbench", "compare"}, Started: m.started, Seed: m.seed,
		Plan:        p.JSON(),
		Environment: bench.Environment{OS: "linux", Arch: "amd64", CPU: "Example CPU", Cores: 2, GOMAXPROCS: 2},
		Deployments: map[bench.Role]bench.Deployment{
			bench.Baseline: {Name: p.Baseline, Server: "embedded", Version: "v2", Database: "sqlite",
				Settings: map[string]string{"hasher": "pbkdf2", "tokens": "opaque"}},
			bench.Candidate: {Name: p.Candidate, Server: "embedded", Version: "v2", Database: "sqlite",
				Settings: map[string]string{"hasher": "pbkdf2", "tokens": "opaque"}},
		},
		Loads: []bench.Load{load},
	}}
	for _, slot := range experiment.Blocks(m.seed, m.epochs, m.blocks, 1) {
		run.Trials = append(run.Trials, m.trial(slot, run))
	}
	run.Slots = len(run.Trials)
	run.End = &bench.End{At: m.started.Add(time.Hour)}
	if m.change != nil {
		m.change(run)
	}
	return run
}

func (m madeRun) trial(slot bench.Slot, run *bench.Run) bench.Trial {
	rng := rand.New(rand.NewPCG(slot.Seed, uint64(len(run.Trials))))
	median := 8 * math.Exp(m.noise*rng.NormFloat64())
	if slot.Role == bench.Candidate {
		median *= m.factor
	}
	one := bench.Measurement{Operation: "token", Offered: 100, Achieved: 100, Response: bench.NewHistogram(),
		Service: bench.NewHistogram(), SendLag: bench.NewHistogram()}
	const n = 1000
	one.Outcomes.OK = n
	for i := range n {
		// The same shape in every trial: only the median is noisy.
		d := time.Duration(median * (.7 + .6*float64(i)/n) * float64(time.Millisecond))
		one.Response.Record(d)
		one.Service.Record(d)
		one.SendLag.Record(100 * time.Microsecond)
	}
	return bench.Trial{
		Slot: slot, Deployment: run.Deployments[slot.Role].Name, Load: run.Loads[0], Started: run.Started,
		Elapsed: 10500 * time.Millisecond,
		Planned: 1050, Sent: 1050, Offered: 100, Achieved: 100, Measurements: []bench.Measurement{one},
		Server:    bench.Usage{CPU: time.Second, Known: true},
		Generator: bench.Usage{CPU: 200 * time.Millisecond, Known: true},
		Machine:   bench.Interference{Known: true, Cores: 2, Busy: .1, Foreign: .02, Steal: .001},
	}
}

// store writes the run as compare leaves it.
func (m madeRun) store(t testing.TB, dir string) string {
	t.Helper()
	run := m.run()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := bench.CreateRunFile(filepath.Join(dir, session.FileName))
	if err != nil {
		t.Fatal(err)
	}
	errs := []error{f.WriteHeader(run.Header)}
	for _, trial := range run.Trials {
		errs = append(errs, f.WriteTrial(trial))
	}
	if run.End != nil {
		errs = append(errs, f.WriteEnd(*run.End))
	}
	for _, err := range append(errs, f.Close()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
