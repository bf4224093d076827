package capacityrun

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// simulated is a server in virtual time whose capacity under its limit is known exactly: its
// P99 grows as that of a queue does, and each trial reads it with noise.
type simulated struct {
	now     time.Time
	rng     *rand.Rand
	service time.Duration // service is the P99 of an idle server.
	most    float64       // most is the rate at which its queue grows without end.
	noise   float64       // noise is the standard deviation of ln P99 of a trial.
	growth  float64       // growth is how much slower each trial makes it.
	bimodal float64       // bimodal is the share of starts that are slower.
	slower  float64       // slower is by what factor those are.
	dies    float64       // dies is the rate at which its process ends, 0 for none.
	sticky  bool          // sticky stays overloaded until it is started anew.
	sends   float64       // sends is the most that the generator can send, 0 for any rate.
	// preparing is what each request costs before its trial begins.
	preparing time.Duration
	// knee is the rate above which it is steeper by a factor, step the one at which it can no more, 0 for
	// none; pauses is the share of trials with a pause in them.
	knee, steeper, step, pauses float64
	// operations are those of its load, token alone when there are none; slowest is slower by a factor.
	operations []string
	slowest    string
	by         float64
	foreign    float64 // foreign is the share of trials that another program disturbs.
	// foreignFrom is the number of the trial from which on it does.
	foreignFrom int
	// full is the number of the trial from which on its database's disk is full, 0 for never: it refuses all.
	full int
	// lets is the rate that it lets through, 0 for any: it refuses the rest at once. For penalty after a trial
	// in which it refused some it refuses all.
	lets    float64
	penalty time.Duration
	// errs is the rate above which it answers a share of the requests by errors, at once.
	errs, share float64
	// stalls is how often it stands still, for stall each time.
	stalls, stall time.Duration
	wears         float64 // wears is by how much a million requests lower what it carries, and nothing else.

	trials int
	starts int
	slow   bool
	stuck  bool
	dead   bool
	asked  float64   // asked counts requests.
	banned time.Time // banned is until when it refuses all.
}

const (
	simulatedLimit = 50 * time.Millisecond
	simulatedAt    = 0.8 // simulatedAt is the utilisation at which P99 is the limit.
)

// newSimulated makes a server whose capacity under the limit is truth.
func newSimulated(truth, noise float64, seed uint64) *simulated {
	return &simulated{
		now: time.Unix(1_700_000_000, 0), rng: rand.New(rand.NewPCG(seed, 5)), most: truth / simulatedAt,
		noise:   noise,
		service: time.Duration(float64(simulatedLimit) * (1 - simulatedAt)),
	}
}

func (s *simulated) Now() time.Time { return s.now }

func (s *simulated) Wait(_ context.Context, d time.Duration) error {
	s.now = s.now.Add(d)
	return nil
}

func (s *simulated) Restart(context.Context, bench.Role) error {
	s.starts++
	s.slow, s.stuck, s.dead = s.rng.Float64() < s.bimodal, false, false
	s.now = s.now.Add(300 * time.Millisecond)
	return nil
}

func (s *simulated) Trial(_ context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error) {
	s.trials++
	s.now = s.now.Add(time.Duration(o.Rate * o.Length.Seconds() * float64(s.preparing)))
	service := float64(s.service) * math.Pow(1+s.growth, float64(s.trials))
	most := s.most / math.Pow(1+s.growth, float64(s.trials))
	if s.slow {
		service, most = service*s.slower, most/s.slower
	}
	most *= math.Exp(-s.wears * s.asked / 1e6)
	s.asked += o.Rate * o.Length.Seconds()
	t := bench.Trial{
		Slot: slot, Deployment: "simulated", Started: s.now, Offered: o.Rate, Achieved: o.Rate, Elapsed: o.Length,
		Load: bench.Load{Process: "poisson", Streams: []bench.Stream{{Scenario: "token", Rate: o.Rate}},
			Length: o.Length},
	}
	n := int64(o.Rate * o.Length.Seconds())
	t.Planned, t.Sent = n, n
	p99 := 0.0
	switch {
	case s.dies > 0 && o.Rate >= s.dies:
		s.dead = true
		t.Died = "exit status 137"
		t.Planned = 0
		s.now = s.now.Add(time.Second)
		return t, nil
	case s.stuck || o.Rate >= most || s.step > 0 && o.Rate >= s.step || s.sticky && o.Rate >= 1.05*simulatedAt*most:
		s.stuck = s.sticky
		p99 = float64(10 * time.Second)
		t.Achieved = min(o.Rate, 0.9*most)
		t.Elapsed = time.Duration(float64(o.Length) * max(1.2, o.Rate/most))
	case s.full > 0 && s.trials >= s.full:
		p99 = float64(10 * time.Second)
		t.Achieved = 0
		t.Causes = []bench.Cause{{Part: "database", Ailment: bench.DiskFull, Log: "PANIC"}}
	default:
		p99 = service / (1 - o.Rate/most) * math.Exp(s.noise*s.rng.NormFloat64())
		if s.knee > 0 && o.Rate > s.knee {
			p99 *= s.steeper
		}
		if s.pauses > 0 && s.rng.Float64() < s.pauses {
			p99 *= 4
		}
	}
	if s.sends > 0 && o.Rate > s.sends {
		t.Generator.CPU = time.Duration(0.95 * float64(t.Elapsed))
		t.Tuning.Processors = 1
		p99 = float64(time.Second)
	}
	if s.rng.Float64() < s.foreign && s.trials >= s.foreignFrom {
		t.Excluded = []string{"other programs used more than 10 % of the machine"}
		p99 *= 3
	}
	odd := s.oddities(o)
	if odd.failed > 0.01 {
		p99 = max(p99, float64(10*time.Second)) // Whoever fails counts as the timeout.
	}
	worst := p99
	for _, operation := range s.names() {
		slow := p99
		if operation == s.slowest {
			slow *= s.by
		}
		worst = max(worst, slow)
		m := measuredP99(operation, slow, t.Offered, t.Achieved, n/int64(len(s.names())))
		odd.within(&m)
		t.Measurements = append(t.Measurements, m)
	}
	t.Achieved *= 1 - odd.failed
	// It is given up when as many answers were too slow as the real one waits for.
	late := o.Rate * math.Pow(0.01, float64(simulatedLimit)/worst) // late answers per second
	enough := time.Duration(beyondDoubt(float64(n)/100) / late * float64(time.Second))
	if enough < o.Length && o.Phase != searches.Control {
		t.Search = &bench.SearchStep{GaveUp: "given up: too many slow answers"}
		t.Elapsed = enough
	}
	s.now = s.now.Add(t.Elapsed + betweenSimulated)
	return t, nil
}

// names are the operations of the load.
func (s *simulated) names() []string {
	if s.operations == nil {
		return []string{"token"}
	}
	return s.operations
}

// measuredP99 is an operation whose response times are as an exponential law has them, with the P99 that is due.
func measuredP99(operation string, p99, offered, achieved float64, n int64) bench.Measurement {
	m := bench.NewMeasurement(operation)
	m.Offered, m.Achieved = offered, achieved
	count := min(max(n, 1), 200)
	for i := range count {
		u := min(float64(i+1)/float64(count), 1-0.5/float64(count))
		m.Response.Record(time.Duration(p99 * math.Log(1-u) / math.Log(0.01)))
	}
	m.Outcomes.OK = count
	return *m
}

const betweenSimulated = 300 * time.Millisecond

// simulatedRule searches each role from half of a closed loop's estimate, which is a
// little above what an open loop carries.
func simulatedRule(t *testing.T, servers map[bench.Role]*simulated, seed uint64) searches.Rule {
	t.Helper()
	r := searches.Rule{Sides: map[bench.Role]searches.Side{}, Searches: 1, Rarest: 1}
	for _, s := range servers {
		r.Limits = nil
		for _, operation := range s.names() {
			slo, err := verdict.ParseSLO(operation + " p99 < 50ms")
			if err != nil {
				t.Fatal(err)
			}
			r.Limits, r.Requests = append(r.Limits, slo), searches.Needs(slo)
		}
		r.Rarest = 1 / float64(len(s.names()))
	}
	for role, s := range servers {
		estimate := s.most * (0.7 + 0.6*float64(seed%97)/97)
		r.Sides[role] = searches.NewSide(estimate, false)
	}
	r.Budget = searches.Patience * r.Cost(0, time.Second).Most
	return r
}

// both runs trials on the server of their role.
type both map[bench.Role]*simulated

func (b both) Now() time.Time {
	now := time.Time{}
	for _, s := range b {
		if s.now.After(now) {
			now = s.now
		}
	}
	return now
}

func (b both) Wait(ctx context.Context, d time.Duration) error {
	for _, s := range b {
		s.now = b.Now()
	}
	for _, s := range b {
		_ = s.Wait(ctx, d) // It never fails.
	}
	return nil
}

func (b both) Restart(ctx context.Context, role bench.Role) error { return b[role].Restart(ctx, role) }

func (b both) Trial(ctx context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error) {
	b[slot.Role].now = b.Now()
	return b[slot.Role].Trial(ctx, slot, o)
}

// hunted searches simulated servers to the end and reads what was found.
func hunted(t *testing.T, servers both, rule searches.Rule, seed uint64) (*bench.Run, searches.Found) {
	t.Helper()
	run := &bench.Run{Header: bench.Header{Schema: bench.RunSchema, Seed: seed,
		Deployments: map[bench.Role]bench.Deployment{}}}
	for role := range servers {
		run.Deployments[role] = bench.Deployment{Name: "simulated " + string(role)}
	}
	if err := rule.Store(&run.Header); err != nil {
		t.Fatal(err)
	}
	resumed(t, servers, rule, run)
	found, err := searches.Of(run)
	if err != nil {
		t.Fatal(err)
	}
	return run, found
}

// resumed goes on with a run to its end.
func resumed(t *testing.T, servers Runner, rule searches.Rule, run *bench.Run) {
	t.Helper()
	h := &hunt{
		runner: servers, rule: rule, run: run, deadline: servers.Now().Add(rule.Budget),
		keep: func(trial bench.Trial) error { run.Trials = append(run.Trials, trial); return nil },
		say:  func(string, ...any) {},
	}
	stopped, err := h.search(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run.End = &bench.End{}
	if stopped != "" {
		run.End.Stopped = []string{stopped}
	}
}

// alone searches one simulated server.
func alone(t *testing.T, s *simulated, seed uint64) (*bench.Run, searches.Searched, searches.Found) {
	t.Helper()
	servers := both{bench.Candidate: s}
	run, found := hunted(t, servers, simulatedRule(t, servers, seed), seed)
	return run, found.Sides[0], found
}

// endsWith fails the test unless a search ended so.
func endsWith(t *testing.T, s searches.Searched, want capacity.Ending) {
	t.Helper()
	if s.Ending != want {
		t.Fatalf("ended %q at %.4g/s; want %q", s.Ending, s.Rate, want)
	}
}
