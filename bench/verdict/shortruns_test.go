package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The design of short runs (docs/method.md, "Short runs") on the components that were
// measured on real runs: the noise of a pair is w/sqrt(seconds), by operation and
// quantile, starts differ by one per cent, and one trial in a hundred meets a burst.

// shortNoise is w of method.md section 8: SD of ln ratio of a pair times the square root
// of the measured seconds, at P50, P95 and P99.
var shortNoise = []struct {
	operation     string
	p50, p95, p99 float64
}{{"token", .036, .12, .51}, {"introspect", .12, .227, .26}, {"revoke", .035, .145, .53}}

// world is what one simulated run meets.
type world struct {
	seconds    float64 // measured, of a trial
	noisier    float64 // than the calm machine, as a factor; 0 is 1
	introspect float64 // further noise of introspect's P50, as a factor; 0 is 1
	burst      float64 // share of trials that meet one
	drift      float64 // of the machine, ln per trial
	ties       time.Duration
	warms      float64 // factor of the baseline's times at the run's start, which fades through all of it
	slowStarts float64 // share of starts of either version that are slow by slowBy
	slowBy     float64
	candidate  float64            // share of the candidate's starts alone that are slow by slowBy
	whole      float64            // true factor of all of the candidate's times; 0 is 1
	slower     map[string]float64 // true factor of P95 and P99, by operation
	slowerP50  map[string]float64
}

// run draws a whole run of a profile.
func (w world) run(r *rand.Rand, p Profile) Input {
	in := Input{Design: Design{Profile: p}}
	noisier, introspect := max(w.noisier, 1), max(w.introspect, 1)
	trials := 0
	for u := range p.Planned() {
		start := map[Side]float64{Baseline: .01 * r.NormFloat64(), Candidate: .01 * r.NormFloat64()}
		for _, side := range []Side{Baseline, Candidate} {
			if r.Float64() < w.slowStarts {
				start[side] += w.slowBy
			}
		}
		if r.Float64() < w.candidate {
			start[Candidate] += w.slowBy
		}
		first := r.IntN(2) == 1
		for k := range p.PairsPerEpoch {
			if k%2 == 0 {
				first = r.IntN(2) == 1
			}
			pair := Pair{Epoch: u, Block: k / 2, CandidateFirst: first != (k%2 == 1)}
			order := []Side{Baseline, Candidate}
			if pair.CandidateFirst {
				order = []Side{Candidate, Baseline}
			}
			for _, side := range order {
				trials++
				x := start[side] + w.drift*float64(trials) + w.ofAll(side, len(in.Pairs), p.Planned()*p.PairsPerEpoch)
				if r.Float64() < w.burst {
					x += .3 * r.ExpFloat64()
				}
				t := w.trial(r, x, side, noisier, introspect)
				if side == Baseline {
					pair.Baseline = t
				} else {
					pair.Candidate = t
				}
			}
			in.Pairs = append(in.Pairs, pair)
		}
	}
	return in
}

// ofAll is the logarithm of what all times of a version are multiplied by in a pair.
func (w world) ofAll(side Side, pair, pairs int) float64 {
	if side == Candidate {
		return math.Log(max(w.whole, 1))
	}
	return math.Log(max(w.warms, 1)) * (1 - float64(pair)/float64(pairs))
}

func (w world) trial(r *rand.Rand, x float64, side Side, noisier, introspect float64) Trial {
	var t Trial
	arrivals := int(100 * w.seconds)
	for _, n := range shortNoise {
		value := func(at, base, deviation float64, factor map[string]float64) Quantile {
			y := x + noisier*deviation/math.Sqrt(2*w.seconds)*r.NormFloat64()
			if f := factor[n.operation]; f > 0 && side == Candidate {
				y += math.Log(f)
			}
			v := milliseconds(base * math.Exp(y))
			if w.ties > 0 {
				v = max(v.Round(w.ties), w.ties)
			}
			return Quantile{at, v}
		}
		p50 := n.p50
		if n.operation == "introspect" {
			p50 *= introspect
		}
		t.Operations = append(t.Operations, Observation{
			Operation: n.operation,
			Quantiles: []Quantile{value(.5, 5, p50, w.slowerP50), value(.95, 15, n.p95, w.slower),
				value(.99, 25, n.p99, w.slower)},
			Counts: Counts{Arrivals: arrivals, OK: arrivals},
		})
	}
	return t
}

// draws judges runs of a world look by look.
func (w world) draws(t *testing.T, p Profile, runs int) outcome {
	var o outcome
	for i := range runs {
		r := rand.New(rand.NewPCG(uint64(i), 0x5807))
		o.add(judgedByLooks(t, w.run(r, p)))
	}
	return o
}

// enough is how many runs a percentage takes; with -short a tenth, or as many as its bounds bear.
func enough(runs int) int {
	if testing.Short() {
		return max(runs/10, 40)
	}
	return runs
}

// ofQuick is how many seconds of a trial of quick are measured, about what its budget leaves the default mix on
// two calm cores.
const ofQuick = 4.0

func TestShortRuns(t *testing.T) {
	ci, quick := CI(), Quick()
	calm := world{seconds: 2.7, burst: .01}
	hasty := world{seconds: ofQuick, burst: .01}
	with := func(change func(*world)) world {
		w := calm
		change(&w)
		return w
	}
	slower := func(w world, operation string, factor float64) world {
		w.slower = map[string]float64{operation: factor}
		return w
	}
	noisy := hasty
	noisy.noisier = 2
	hidden, hiddenNoisy := hasty, noisy
	hidden.warms, hidden.whole, hiddenNoisy.warms, hiddenNoisy.whole = 1.6, 1.3, 1.6, 1.3
	for _, c := range []struct {
		what                            string
		w                               world
		p                               Profile
		runs                            int
		leastPass, mostPass             float64 // per cent
		leastRegression, mostRegression float64
		mostUnits                       float64
	}{
		{"ci, equal versions", calm, ci, 300, 97, 100, 0, 1, 9.5},
		{"ci, equal versions, noise x1.5", with(func(w *world) { w.noisier = 1.5 }), ci, 200, 85, 100, 0, 1.5, 15},
		{"ci, equal versions, noise x2", with(func(w *world) { w.noisier = 2 }), ci, 200, 0, 100, 0, 1.5, 15},
		{"ci, introspect 10 % slower", slower(calm, "introspect", 1.1), ci, 400, 0, 6.5, 0, 100, 15},
		{"ci, token 20 % slower", slower(calm, "token", 1.2), ci, 150, 0, 0, 99, 100, 15},
		{"quick, equal versions", hasty, quick, 400, 94, 100, 0, 1, 8},
		{"quick, equal versions, noise x2", noisy, quick, 400, 0, 100, 0, 1.5, 8},
		{"quick, revoke 25 % slower", slower(hasty, "revoke", 1.25), quick, 400, 0, 6.5, 0, 100, 8},
		{"quick, token 56 % slower", slower(hasty, "token", 1.5625), quick, 200, 0, 0, 98, 100, 8},
		{"quick, a warming baseline before a candidate 30 % slower", hidden, quick, 200, 0, 2, 0, 100, 8},
		{"the same, noise x2", hiddenNoisy, quick, 400, 0, 5, 0, 100, 8},
		{"ci, a fifth of all starts 15 % slower", with(func(w *world) { w.slowStarts, w.slowBy = .2, math.Log(1.15) }),
			ci, 150, 0, 100, 0, 5, 15},
		{"ci, a fifth of all starts 50 % slower", with(func(w *world) { w.slowStarts, w.slowBy = .2, math.Log(1.5) }),
			ci, 150, 0, 100, 0, 5, 15},
		{"ci, a quarter of the candidate's starts 50 % slower",
			with(func(w *world) { w.candidate, w.slowBy = .25, math.Log(1.5) }), ci, 200, 0, 20, 0, 100, 15},
		{"ci, two fifths of the candidate's starts 50 % slower",
			with(func(w *world) { w.candidate, w.slowBy = .4, math.Log(1.5) }), ci, 200, 0, 5, 0, 100, 15},
		{"ci, bursts in a tenth of the trials", with(func(w *world) { w.burst = .1 }), ci, 150, 0, 100, 0, 5, 15},
		{"ci, ties of 1 ms", with(func(w *world) { w.ties = time.Millisecond }), ci, 150, 0, 100, 0, 5, 15},
		{"ci, the machine drifts by 2 % a trial", with(func(w *world) { w.drift = .02 }), ci, 150, 0, 100, 0, 5, 15},
		{"ci, P50 of token alone 20 % slower", with(func(w *world) { w.slowerP50 = map[string]float64{"token": 1.2} }),
			ci, 150, 0, 5, 95, 100, 15},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			o := c.w.draws(t, c.p, enough(c.runs))
			t.Logf("%s: %v", c.what, o)
			// A percentage of few draws is given two standard errors, of very few three.
			slack := func(percent float64) float64 {
				p := min(max(percent/100, .02), .98)
				errors := 200.
				if testing.Short() {
					errors = 300
				}
				return errors * math.Sqrt(p*(1-p)/float64(o.runs))
			}
			pass, regression := o.percent(o.pass), o.percent(o.regression)
			if pass < c.leastPass-slack(c.leastPass) || pass > c.mostPass+slack(c.mostPass) {
				t.Errorf("%.1f %% pass; want %v to %v", pass, c.leastPass, c.mostPass)
			}
			if regression < c.leastRegression-slack(c.leastRegression) ||
				regression > c.mostRegression+slack(c.mostRegression) {
				t.Errorf("%.1f %% regress; want %v to %v", regression, c.leastRegression, c.mostRegression)
			}
			if units := float64(o.units) / float64(o.runs); units > c.mostUnits {
				t.Errorf("%.1f units on average; want at most %v", units, c.mostUnits)
			}
		})
	}
}

// A sentinel that is noisier costs no pass.
func TestNoisySentinelCostsNoPass(t *testing.T) {
	calm := world{seconds: 2.7, burst: .01}
	noisy := calm
	noisy.introspect = 3
	runs := enough(200)
	a, b := calm.draws(t, CI(), runs), noisy.draws(t, CI(), runs)
	if a.pass-b.pass > 2 {
		t.Errorf("with a noisy P50 %d of %d pass; without %d", b.pass, runs, a.pass)
	}
}

// A gate whose truth lies at its margin passes at any of the looks in at most 5.5 % of
// runs (4.7 exactly), and three gates pass together far more often with three looks than
// with one (method.md section 8).
func TestLooksHoldTheirLevel(t *testing.T) {
	const runs = 20000
	p := CI()
	p.PairsPerEpoch = 1 // An epoch's value is drawn as a whole.
	passed := 0
	for _, run := range p.drawBounds(rand.New(rand.NewPCG(11, 12)), runs, 1) {
		if slices.Min(run[0]) < 0 { // The margin is the truth: nothing is left between them.
			passed++
		}
	}
	if share := 100 * float64(passed) / runs; share > 5.5 || share < 4 {
		t.Errorf("%.2f %% pass at the margin; want 4 to 5.5", share)
	}
	gate := Scatter{Margin: .1, Deviation: math.Log(1.1) / 1.1}
	three := []Scatter{gate, gate, gate}
	fixed := p
	fixed.Looks, fixed.Levels = []int{8}, nil
	if all, one := 100*p.PassProbability(three), 100*fixed.PassProbability(three); all < 93 || one > 70 {
		t.Errorf("three gates: %.1f %% pass with three looks, %.1f %% with one; want at least 93 and at most 70", all,
			one)
	}
}
