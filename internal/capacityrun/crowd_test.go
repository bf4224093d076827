package capacityrun

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// crowd is a server in virtual time that is made of requests, as queueing is, and that has faults which come of
// single requests and not of the rate of a trial.
type crowd struct {
	now   time.Time
	rng   *rand.Rand
	cores int
	mean  time.Duration // mean is what a request takes, log-normally spread.

	clogs   int           // clogs is how many requests may wait before each takes worse times as long, for good.
	worse   float64       // worse is that factor.
	dies    int           // dies is how many may wait before its process ends.
	slow    float64       // slow is the factor of every other start.
	grows   float64       // grows is by what factor a million requests make each slower.
	errs    float64       // errs is the rate above which one request of twenty fails.
	refills float64       // refills and burst are a bucket of tokens, of which each request takes one.
	burst   float64       //
	sends   float64       // sends is what the generator can send, 0 for any rate.
	pause   time.Duration // pause is what restarts take.

	starts  int
	clogged bool
	asked   float64
	tokens  float64
	filled  time.Time
}

// newCrowd has one core for each hundred requests a second, about.
func newCrowd(cores int, mean time.Duration, seed uint64) *crowd {
	return &crowd{now: time.Unix(1_700_000_000, 0), rng: rand.New(rand.NewPCG(seed, 77)), cores: cores, mean: mean,
		pause: 300 * time.Millisecond}
}

func (c *crowd) Now() time.Time { return c.now }

func (c *crowd) Wait(_ context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return nil
}

func (c *crowd) Restart(ctx context.Context, _ bench.Role) error {
	c.starts++
	c.clogged, c.tokens, c.filled = false, c.burst, c.now
	return c.Wait(ctx, c.pause)
}

// takes is what the next request takes.
func (c *crowd) takes() time.Duration {
	const spread = 0.5
	factor := math.Exp(spread*c.rng.NormFloat64()-spread*spread/2) * math.Pow(c.growth(), c.asked/1e6)
	if c.clogged {
		factor *= c.worse
	}
	if c.slow > 0 && c.starts%2 == 1 {
		factor *= c.slow
	}
	return time.Duration(factor * float64(c.mean))
}

func (c *crowd) growth() float64 { return max(c.grows, 1) }

// admits tells whether the bucket has a token for a request at that time.
func (c *crowd) admits(at time.Time) bool {
	if c.refills == 0 {
		return true
	}
	c.tokens = min(c.burst, c.tokens+c.refills*at.Sub(c.filled).Seconds())
	if c.filled = at; c.tokens < 1 {
		return false
	}
	c.tokens--
	return true
}

func (c *crowd) Trial(_ context.Context, slot bench.Slot, o searches.Order) (bench.Trial, error) {
	const leadIn, timeout = time.Second, 10 * time.Second
	t, due := sent("crowd", slot, o, c.now, leadIn, c.rng)
	m := bench.NewMeasurement("token")
	free := make([]time.Duration, c.cores)
	for _, at := range due {
		core := slices.Index(free, slices.Min(free))
		waiting := int(max(free[core]-at, 0).Seconds() * float64(c.cores) / c.mean.Seconds())
		c.clogged = c.clogged || c.clogs > 0 && waiting > c.clogs
		if c.dies > 0 && waiting > c.dies {
			t.Died, t.Elapsed = "exit status 137", at
			break
		}
		c.asked++
		response, with := time.Duration(0), ""
		switch {
		case !c.admits(c.now.Add(at)):
			with = "status 429 slow_down"
		case c.errs > 0 && o.Rate > c.errs && c.rng.Float64() < 0.05:
			with = "status 500 server_error"
		default:
			free[core] = max(at, free[core]) + c.takes()
			response = free[core] - at
			if c.sends > 0 && o.Rate > c.sends {
				response += time.Second // for which it waited in the generator
			}
			t.Elapsed = max(t.Elapsed, free[core])
		}
		if at < leadIn {
			continue
		}
		if with != "" {
			m.Outcomes.Rejected++
			m.AddCase(with, 1)
			m.Response.Record(timeout)
			continue
		}
		m.Outcomes.OK++
		m.Response.Record(response)
	}
	t.Achieved = min(o.Rate, float64(m.Outcomes.OK)/max(t.Elapsed-leadIn, time.Millisecond).Seconds())
	if c.sends > 0 && o.Rate > c.sends {
		t.Generator.CPU, t.Tuning.Processors = time.Duration(0.97*float64(t.Elapsed)), 1
		t.Achieved = c.sends
	}
	m.Offered, m.Achieved = t.Offered, t.Achieved
	t.Measurements = []bench.Measurement{*m}
	c.now = c.now.Add(t.Elapsed + betweenSimulated)
	return t, nil
}

// carries is the rate at which P99 of a healthy server with so many cores is the limit, from one long trial of each of
// some rates.
func carries(t *testing.T, cores int, mean time.Duration, limit verdict.SLO) float64 {
	t.Helper()
	longest, _ := limit.Longest()
	at, _ := limit.Quantile()
	low, high := 1.0, float64(cores)/mean.Seconds()
	for range 12 {
		rate := math.Sqrt(low * high)
		server := newCrowd(cores, mean, 1234)
		o := searches.Order{Rate: rate, Length: time.Duration(300_000 / rate * float64(time.Second))}
		trial, err := server.Trial(t.Context(), bench.Slot{}, o)
		if err != nil {
			t.Fatal(err)
		}
		if trial.Measurements[0].Response.Quantile(at) <= longest {
			low = rate
		} else {
			high = rate
		}
	}
	return low
}

// searchCrowd searches such a server from about half of what its cores can do.
func searchCrowd(t *testing.T, server *crowd, limit verdict.SLO, soak time.Duration, seed uint64) searches.Found {
	t.Helper()
	side := searches.NewSide(float64(server.cores)/server.mean.Seconds(), soak > 0)
	rule := searches.Rule{Limits: []verdict.SLO{limit}, Searches: 1, Rarest: 1, Requests: searches.Needs(limit),
		Soak: soak, Sides: map[bench.Role]searches.Side{bench.Candidate: side}}
	rule.Budget = 3 * searches.Patience * rule.Cost(0, time.Second).Most
	run := &bench.Run{Header: bench.Header{Schema: bench.RunSchema, Seed: seed,
		Deployments: map[bench.Role]bench.Deployment{bench.Candidate: {Name: "crowd"}}}}
	if err := rule.Store(&run.Header); err != nil {
		t.Fatal(err)
	}
	resumed(t, server, rule, run)
	found, err := searches.Of(run)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
