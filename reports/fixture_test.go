package reports

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/experiment"
	"oauthbench/bench/verdict"
)

// fixture describes a synthetic run; fixtureRun makes it, always the same.
type fixture struct {
	operations []string
	pairs      int
	epochs     int
	rate       float64 // of each operation
	length     time.Duration
}

var usual = fixture{operations: []string{"token", "introspect", "revoke"}, pairs: 6, epochs: 1, rate: 120, length: 5500 * time.Millisecond}

// medians of the fixture's response times by operation, baseline and candidate. An
// operation without an entry takes 9 ms on both.
var medians = map[string][2]float64{"token": {22, 7}, "introspect": {3.6, 3.5}, "revoke": {23, 25}}

func (f fixture) run() *bench.Run {
	started := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	load := bench.Load{Process: "poisson", LeadIn: 500 * time.Millisecond, Length: f.length, Timeout: 10 * time.Second, Workers: 2048}
	for _, op := range f.operations {
		load.Streams = append(load.Streams, bench.Stream{Scenario: op, Rate: f.rate})
	}
	run := &bench.Run{
		Header: bench.Header{
			Schema: bench.RunSchema, Tool: "v0.1.0", Started: started, Seed: 20260314,
			Command: []string{"oauthbench", "compare", "--baseline", "embedded:v1", "--candidate", "embedded:v2", "--rate", "360"},
			Environment: bench.Environment{
				OS: "linux", Arch: "amd64", Kernel: "6.12.0", CPU: "Example CPU @ 2.60GHz", Cores: 2, GOMAXPROCS: 1, Memory: 8 << 30, Go: "go1.26",
			},
			Deployments: map[bench.Role]bench.Deployment{
				bench.Baseline: {Name: "embedded:v1", Server: "embedded", Version: "v1", Database: "sqlite",
					Settings: map[string]string{"hasher": "bcrypt", "hasher.cost": "10", "access_token": "opaque", "pool.max_connections": "16"}},
				bench.Candidate: {Name: "embedded:v2", Server: "embedded", Version: "v2", Database: "sqlite",
					Settings: map[string]string{"hasher": "pbkdf2", "hasher.iterations": "25000", "access_token": "opaque", "pool.max_connections": "16"}},
			},
			Pilots: []bench.Pilot{
				{Deployment: "embedded:v1", Scenarios: f.operations, Workers: 16, Completed: 1600, Elapsed: 2 * time.Second, Capacity: 800},
				{Deployment: "embedded:v2", Scenarios: f.operations, Workers: 16, Completed: 4200, Elapsed: 2 * time.Second, Capacity: 2100},
			},
			Loads: []bench.Load{load}, Slots: 2 * f.pairs, Plan: []byte(`{"profile":"quick"}`),
		},
	}
	for i, slot := range experiment.Blocks(run.Seed, f.epochs, f.pairs/2/f.epochs, 1) {
		run.Trials = append(run.Trials, f.trial(slot, load, started.Add(time.Duration(i)*(f.length+time.Second)), i))
	}
	run.End = &bench.End{At: started.Add(time.Duration(len(run.Trials)) * (f.length + time.Second))}
	return run
}

func (f fixture) trial(slot bench.Slot, load bench.Load, started time.Time, i int) bench.Trial {
	side, name := 0, "embedded:v1"
	if slot.Role == bench.Candidate {
		side, name = 1, "embedded:v2"
	}
	rng := rand.New(rand.NewPCG(slot.Seed, uint64(side)))
	n := int64(f.rate*f.length.Seconds()) * int64(len(f.operations))
	t := bench.Trial{
		Slot: slot, Deployment: name, Load: load, Started: started, Elapsed: f.length + 12*time.Millisecond, Planned: n, Sent: n,
		Server:    bench.Usage{CPU: time.Duration(float64(f.length) * []float64{1.1, .45}[side] * (1 + .05*rng.NormFloat64())), PeakRSS: int64([]float64{61e6, 74e6}[side] * (1 + .02*rng.Float64())), Known: true},
		Generator: bench.Usage{CPU: f.length / 9, PeakRSS: 90e6, Known: true},
		Machine:   bench.Interference{Known: true, Cores: 2, Busy: .5, Foreign: .01 + .03*rng.Float64(), Steal: .004 * rng.Float64()},
	}
	drift := math.Exp(.04 * math.Sin(float64(i)/2)) // a machine that slows and recovers
	for _, op := range f.operations {
		median, known := medians[op]
		if !known {
			median = [2]float64{9, 9}
		}
		t.Measurements = append(t.Measurements, f.measurement(op, median[side]*drift, load, rng))
	}
	slices.SortFunc(t.Measurements, func(a, b bench.Measurement) int { return cmp.Compare(a.Operation, b.Operation) })
	window := (load.Length - load.LeadIn).Seconds()
	for i := range t.Measurements {
		m := &t.Measurements[i]
		m.Offered = float64(m.Outcomes.Total()) / window
		t.Offered += m.Offered
	}
	recount(&t)
	t.InFlight = inFlight(&t)
	return t
}

// inFlight is the mean number under way, had each answer been taken 50 us after its last byte.
func inFlight(t *bench.Trial) float64 {
	sum := 0.0
	for _, m := range t.Measurements {
		sum += float64(m.Response.Count()) * float64(m.Response.Mean()+50*time.Microsecond)
	}
	return sum / float64(t.Elapsed-t.Load.LeadIn)
}

// measurement is log-normal with a slow path of one request in forty.
func (f fixture) measurement(op string, median float64, load bench.Load, rng *rand.Rand) bench.Measurement {
	m := bench.Measurement{
		Operation: op, Cases: map[string]int64{},
		Response: bench.NewHistogram(), Service: bench.NewHistogram(), SendLag: bench.NewHistogram(),
	}
	seconds := map[int][]time.Duration{}
	for k := range int(f.rate * load.Length.Seconds()) {
		at := time.Duration(float64(k) / f.rate * float64(time.Second))
		ms := median * math.Exp(.16*rng.NormFloat64())
		if rng.IntN(40) == 0 {
			ms *= 1.6 + 1.2*rng.ExpFloat64()
		}
		// Whole microseconds, so that no processor's rounding shows in a golden.
		service := time.Duration(ms * float64(time.Millisecond)).Round(time.Microsecond)
		lag := time.Duration((.05 + .12*rng.ExpFloat64()) * float64(time.Millisecond)).Round(time.Microsecond)
		seconds[int(at/time.Second)] = append(seconds[int(at/time.Second)], service+lag)
		if at < load.LeadIn {
			continue
		}
		m.Outcomes.Add(bench.OK, 1)
		m.Response.Record(service + lag)
		m.Service.Record(service)
		m.SendLag.Record(lag)
	}
	for s := range len(seconds) {
		ds := seconds[s]
		slices.Sort(ds)
		at := func(q float64) time.Duration { return ds[int(q*float64(len(ds)-1))] }
		m.Timeline = append(m.Timeline, bench.Second{
			At: time.Duration(s) * time.Second, Outcomes: bench.Outcomes{OK: int64(len(ds))},
			P50: at(.5), P95: at(.95), P99: at(.99), Max: ds[len(ds)-1],
		})
	}
	return m
}

// fail turns n OK arrivals of a measurement into another outcome.
func fail(m *bench.Measurement, o bench.Outcome, n int64, why string) {
	m.Outcomes.Add(bench.OK, -n)
	m.Outcomes.Add(o, n)
	m.AddCase(why, n)
}

// judged is a verdict in the shape that bench/verdict gives, with figures from the
// run and decisions by a simple rule, so that goldens do not depend on its statistics.
func judged(run *bench.Run) verdict.Verdict {
	v := verdict.Verdict{Decision: verdict.Pass, Profile: "quick", Unit: verdict.UnitPair, Looks: []int{6}, Look: 1, Planned: 6, Level: .05}
	s := summarize(Report{Run: run})
	operations := run.Operations()
	slices.Sort(operations)
	for _, op := range operations {
		pairs := s.pairRatios(op)
		v.Units, v.Pairs = len(pairs), len(pairs)
		b, c := run.Merged(bench.Baseline, op), run.Merged(bench.Candidate, op)
		for i, q := range headlines {
			low, high, sum := math.Inf(1), 0.0, 0.0
			for _, p := range pairs {
				low, high = min(low, p.ratios[i]), max(high, p.ratios[i])
				sum += math.Log(p.ratios[i])
			}
			margin := []float64{.05, .10, .15}[i]
			x := verdict.Comparison{
				Operation: op, Quantile: q, Baseline: b.Response.Quantile(q), Candidate: c.Response.Quantile(q),
				Ratio:  verdict.Interval{Estimate: round(math.Exp(sum/float64(len(pairs))), 4), Low: round(low, 4), High: round(high, 4)},
				Margin: margin, Units: len(pairs), UnitName: verdict.UnitPair, PSlow: .5, PAdjusted: .5, PNonInferior: .016, MDE80: .04, Certifiable: round(high-1, 4),
				Gating: q < .99, Decision: verdict.Inconclusive, Reasons: []string{},
			}
			switch {
			case high < 1+margin:
				x.Decision = verdict.Pass
			case low > 1 && x.Ratio.Estimate >= 1+margin:
				x.Decision = verdict.Regression
			}
			if !x.Gating {
				x.Warnings = []string{"P99 has too few requests in a trial to gate (600 of 1000)"}
			}
			if x.Gating && x.Decision != verdict.Pass && v.Decision != verdict.Regression {
				v.Decision = x.Decision
			}
			v.Comparisons = append(v.Comparisons, x)
		}
	}
	for _, c := range v.Comparisons {
		if c.Gating && c.Decision == v.Decision {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: %v, margin x%.2f", c.Name(), c.Ratio, 1+c.Margin))
		}
	}
	slo := func(text string) verdict.SLO {
		s, err := verdict.ParseSLO(text)
		if err != nil {
			panic(err)
		}
		return s
	}
	if m := run.Merged(bench.Candidate, "token"); m.Response.Count() > 0 {
		v.SLOs = []verdict.SLOResult{
			{SLO: slo("token p99 < 50ms"), Side: verdict.Candidate, Value: float64(m.Response.Quantile(.99)), Held: true},
			{SLO: slo("revoke p95 < 20ms"), Side: verdict.Candidate, Value: float64(run.Merged(bench.Candidate, "revoke").Response.Quantile(.95))},
		}
	}
	v.Notes = []string{"one start per version: restart effects are not covered"}
	return v
}

// usualReport is the report that goldens and pictures are made of: mixed decisions, a
// wrong answer, warnings.
func usualReport() Report {
	run := usual.run()
	fail(run.Trials[2].Measurement("introspect"), bench.Rejected, 3, "unexpected status 503")
	fail(run.Trials[3].Measurement("revoke"), bench.Timeout, 1, "no answer in time")
	for i := range run.Trials {
		recount(&run.Trials[i])
	}
	run.Trials[4].Warnings = []string{"token: P99 of send lag above 1 ms and a quarter of the median; response times contain it"}
	run.Trials[7].Excluded = []string{"other programs used 14 % of the machine (limit 10 %)"}
	run.Trials[7].Machine.Foreign = .14
	run.Warnings = []string{"the processor's frequency is not fixed"}
	return report(run)
}

// report is a judged run with its paths, as a program makes it.
func report(run *bench.Run) Report { return Report{run, judged(run), paths(run)} }

// paths retraces the pairs of a run by the profile that its verdict names.
func paths(run *bench.Run) []verdict.Path {
	in := verdict.Input{Profile: verdict.Quick()}
	if run.Trials[len(run.Trials)-1].Epoch > 0 {
		in.Profile = verdict.Full()
	}
	s := summarize(Report{Run: run})
	byPlace := map[[2]int]*verdict.Pair{}
	var order []*verdict.Pair
	for _, op := range s.operations {
		for _, p := range s.pairRatios(op.name) {
			k := [2]int{p.epoch, p.pair}
			if byPlace[k] == nil {
				byPlace[k] = &verdict.Pair{Epoch: p.epoch}
				order = append(order, byPlace[k])
			}
			b, c := verdict.Observation{Operation: op.name}, verdict.Observation{Operation: op.name}
			for i, q := range headlines {
				b.Quantiles = append(b.Quantiles, verdict.Quantile{At: q, Value: time.Second})
				c.Quantiles = append(c.Quantiles, verdict.Quantile{At: q, Value: time.Duration(p.ratios[i] * float64(time.Second))})
			}
			byPlace[k].Baseline.Operations = append(byPlace[k].Baseline.Operations, b)
			byPlace[k].Candidate.Operations = append(byPlace[k].Candidate.Operations, c)
		}
	}
	for _, p := range order {
		in.Pairs = append(in.Pairs, *p)
	}
	return verdict.Paths(in)
}

// recount sets the achieved rates after outcomes changed.
func recount(t *bench.Trial) {
	t.Achieved = 0
	for i := range t.Measurements {
		m := &t.Measurements[i]
		m.Achieved = float64(m.Outcomes.OK) / ((t.Load.Length - t.Load.LeadIn).Seconds() + .01)
		t.Achieved += m.Achieved
	}
}
