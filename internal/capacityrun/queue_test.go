package capacityrun

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// queueing is a server in virtual time that is made of requests: some cores take them in turn, and percentiles are
// of what each waited and took. So few requests scatter as they do, and every trial begins with an empty queue.
type queueing struct {
	now   time.Time
	rng   *rand.Rand
	cores int
	each  func(*rand.Rand) time.Duration // each is what a request takes.
}

func (q *queueing) Now() time.Time { return q.now }

func (q *queueing) Wait(_ context.Context, d time.Duration) error {
	q.now = q.now.Add(d)
	return nil
}

func (q *queueing) Restart(ctx context.Context, _ bench.Role) error {
	return q.Wait(ctx, 300*time.Millisecond)
}

func (q *queueing) Trial(_ context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error) {
	const leadIn = 2 * time.Second
	t, due := sent("queue", slot, o, q.now, leadIn, q.rng)
	m := bench.NewMeasurement("token")
	free := make([]time.Duration, q.cores)
	for _, at := range due {
		core := slices.Index(free, slices.Min(free))
		free[core] = max(at, free[core]) + q.each(q.rng)
		if at >= leadIn {
			m.Response.Record(free[core] - at)
			m.Outcomes.OK++
		}
		t.Elapsed = max(t.Elapsed, free[core])
	}
	t.Achieved = min(o.Rate, float64(m.Outcomes.OK)/(t.Elapsed-leadIn).Seconds())
	m.Offered, m.Achieved = t.Offered, t.Achieved
	t.Measurements = []bench.Measurement{*m}
	q.now = q.now.Add(t.Elapsed + betweenSimulated)
	return t, nil
}

// sent is a trial with requests for tokens of which none is answered yet, and when each of them is due.
func sent(server string, slot bench.Slot, o searches.Order, began time.Time, leadIn time.Duration,
	rng *rand.Rand) (t bench.Trial, due []time.Duration) {
	length := leadIn + o.Length
	due = make([]time.Duration, int(o.Rate*length.Seconds()))
	for i := range due {
		due[i] = time.Duration(rng.Float64() * float64(length))
	}
	slices.Sort(due)
	return bench.Trial{Slot: slot, Deployment: server, Started: began, Offered: o.Rate, Elapsed: length,
		Planned: int64(len(due)), Sent: int64(len(due)),
		Load: bench.Load{Process: "poisson", LeadIn: leadIn, Length: length,
			Streams: []bench.Stream{{Scenario: "token", Rate: o.Rate}}}}, due
}

// A server that fails softly, or that so few requests are sent to that each trial reads another percentile, is
// certified, and nothing is said of it that chance alone has done.
func TestChanceIsNoFinding(t *testing.T) {
	t.Parallel()
	const seeds = 30
	exponential := func(mean time.Duration) func(*rand.Rand) time.Duration {
		return func(rng *rand.Rand) time.Duration { return time.Duration(rng.ExpFloat64() * float64(mean)) }
	}
	for _, world := range []struct {
		name, limit string
		cores       int
		mean        time.Duration
		carries     float64 // about, in requests per second
		most        float64 // that nine of ten searches certify at most, of what it carries
	}{
		{"a soft knee", "token p90 < 100ms", 1, 5 * time.Millisecond, 177, 1.02},
		// Its P95 rises by half a per cent where the rate rises by one, and a trial has 200 requests.
		{"three a second", "token p95 < 700ms", 1, 150 * time.Millisecond, 2.4, 1.1},
		{"two cores", "token p99 < 50ms", 2, 4 * time.Millisecond, 420, 1.02},
	} {
		limit, err := verdict.ParseSLO(world.limit)
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		var shares []float64
		for seed := range uint64(seeds) {
			server := &queueing{time.Unix(1_700_000_000, 0), rand.New(rand.NewPCG(seed, 31)), world.cores,
				exponential(world.mean)}
			rule := searches.Rule{Limits: []verdict.SLO{limit}, Searches: 1, Rarest: 1, Requests: searches.Needs(limit),
				Sides: map[bench.Role]searches.Side{bench.Candidate: searches.NewSide(1.2*world.carries, false)}}
			rule.Budget = 2 * searches.Patience * rule.Cost(0, time.Second).Most
			run := &bench.Run{Header: bench.Header{Schema: bench.RunSchema, Seed: seed,
				Deployments: map[bench.Role]bench.Deployment{bench.Candidate: {Name: "queue"}}}}
			if err := rule.Store(&run.Header); err != nil {
				t.Fatal(err)
			}
			resumed(t, server, rule, run)
			found, err := searches.Of(run)
			if err != nil {
				t.Fatal(err)
			}
			side := found.Sides[0]
			endsWith(t, side, capacity.Certified)
			shares = append(shares, side.Rate/world.carries)
			for _, f := range side.Findings {
				if strings.Contains(f, "metastable") || strings.Contains(f, "not itself") {
					t.Errorf("%s, seed %d: %q", world.name, seed, f)
				}
			}
			if find(side.Findings, "starts of the server differ") != "" ||
				find(side.Findings, "the server became") != "" {
				said++
			}
		}
		slices.Sort(shares)
		nine := shares[seeds*9/10]
		t.Logf("%s: certified at %.3f to %.3f of what it carries, nine of ten at %.3f at most; something is said in "+
			"%d of %d", world.name, shares[0], shares[seeds-1], nine, said, seeds)
		if nine > world.most {
			t.Errorf("%s: nine of ten are certified at %.3f of what it carries at most; want %v", world.name, nine,
				world.most)
		}
		if said > seeds/10 {
			t.Errorf("%s: something is said in %d of %d", world.name, said, seeds)
		}
	}
}
