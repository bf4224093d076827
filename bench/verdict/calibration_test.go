package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// outcome counts the decisions of simulated runs.
type outcome struct {
	pass, regression, inconclusive, units, runs int
}

func (o *outcome) add(v Verdict) {
	o.runs++
	o.units += v.Units
	switch v.Decision {
	case Pass:
		o.pass++
	case Regression:
		o.regression++
	default:
		o.inconclusive++
	}
}

// percent of the runs.
func (o outcome) percent(n int) float64 { return 100 * float64(n) / float64(o.runs) }

func (o outcome) String() string {
	return fmt.Sprintf("%3.0f/%3.0f/%3.0f (%4.1f)", o.percent(o.pass), o.percent(o.regression),
		o.percent(o.inconclusive), float64(o.units)/float64(o.runs))
}

// simulate judges runs of the full profile as a runner would: look by look,
// stopping when told.
func simulate(t *testing.T, runs int, m noise, quantile, effect float64) outcome {
	var o outcome
	for i := range runs {
		r := rand.New(rand.NewPCG(uint64(i), uint64(1000*quantile)))
		o.add(judgedByLooks(t, Input{Design: Design{Profile: Full()}, Pairs: m.epochs(r, 15, quantile, effect)}))
	}
	return o
}

// judgedByLooks judges a whole run look by look, until told to stop.
func judgedByLooks(t *testing.T, in Input) Verdict {
	for look := range in.Profile.Looks {
		stop, v, err := Look(in, look)
		if err != nil {
			t.Fatal(err)
		}
		if stop {
			return v
		}
	}
	v, err := Judge(in) // What was disturbed leaves too few units for the last look.
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The table of operating characteristics, and the limits that hold for the
// machines that the tool claims to work on. Each published percentage must be
// met to within four standard errors of the difference, the published ones
// taken from 200 runs.
func TestOperatingCharacteristics(t *testing.T) {
	runs := 500
	if testing.Short() {
		runs = 40
	}
	type published struct{ pass, regression, units float64 }
	cells := []struct {
		m       noise
		q       float64
		effects []float64
		want    []published
	}{
		{quiet95, .95, []float64{1, 1.1, 1.2}, []published{{100, 0, 8}, {4, 67, 11}, {0, 100, 8}}},
		{quiet99, .99, []float64{1, 1.1, 1.2, 1.15, 1.3}, []published{{100, 0, 9}, {46, 15, 13}, {0, 98, 9}}},
		{ci95, .95, []float64{1, 1.1, 1.2}, []published{{100, 0, 9}, {4, 64, 11}, {0, 100, 8}}},
		{ci99, .99, []float64{1, 1.1, 1.2, 1.15, 1.3}, []published{{99, 0, 9}, {34, 20, 13}, {0, 94, 9}}},
		{hostile99, .99, []float64{1, 1.1, 1.2, 1.15}, []published{{39, 3, 14}, {10, 21, 14}, {0, 48, 13}}},
	}
	t.Logf("%d runs each: pass/regression/inconclusive in %%, mean epochs", runs)
	for _, c := range cells {
		margin := Input{}.Fraction("token", c.q)
		for i, effect := range c.effects {
			o := simulate(t, runs, c.m, c.q, effect)
			line := fmt.Sprintf("%-12s x%.2f: %v", c.m.name, effect, o)
			if i < len(c.want) {
				w := c.want[i]
				line += fmt.Sprintf("   published %3.0f/%3.0f/%3.0f (%2.0f)", w.pass, w.regression,
					100-w.pass-w.regression, w.units)
				for _, pair := range [][2]float64{{o.percent(o.pass), w.pass},
					{o.percent(o.regression), w.regression}} {
					p := min(max((pair[0]+pair[1])/200, .01), .99)
					if limit := 400 * math.Sqrt(p*(1-p)*(1/float64(runs)+1./200)); math.Abs(pair[0]-pair[1]) > limit {
						t.Errorf("%s: %.0f %% against the published %.0f %% (limit %.1f)", line, pair[0], pair[1],
							limit)
					}
				}
			}
			t.Log(line)
			switch {
			case effect == 1 && o.percent(o.regression) > 7.5+fewRuns(7.5, runs):
				t.Errorf("%s: more than 7.5 %% false alarms", line)
			case effect == 1 && c.m != hostile99 && o.percent(o.pass) < 90-fewRuns(90, runs):
				t.Errorf("%s: fewer than 90 %% of A/A runs pass", line)
			case effect == 1+margin && o.percent(o.pass) > 9+fewRuns(9, runs):
				t.Errorf("%s: more than 9 %% pass at a true margin", line)
			case effect == 1+2*margin && c.m != hostile99 && o.percent(o.regression) < 93-fewRuns(93, runs):
				t.Errorf("%s: fewer than 93 %% found at twice the margin", line)
			}
		}
	}
}

// fewRuns is what a limit in per cent gives to the few runs of -short: two standard errors. All runs
// get nothing.
func fewRuns(limit float64, runs int) float64 {
	if !testing.Short() {
		return 0
	}
	return twoErrors(limit, runs)
}

// twoErrors is two standard errors of a share in per cent.
func twoErrors(percent float64, runs int) float64 {
	return 2 * math.Sqrt(percent*(100-percent)/float64(runs))
}

// A start that happens to be slow makes all of its trials slow. Both versions have
// such starts equally often, so that a version is no less stable than itself.
func TestSlowStartsAreNoInstability(t *testing.T) {
	for _, m := range []noise{
		{name: "8 % of starts x2", trial: .05, start: .01, slowStart: .08, slowBy: math.Log(2)},
		{name: "10 % of starts x1.5", trial: .05, start: .01, slowStart: .1, slowBy: math.Log(1.5)},
		{name: "10 % of starts x1.3", trial: .05, start: .01, slowStart: .1, slowBy: math.Log(1.3)},
		{name: "25 % of starts x1.5", trial: .05, start: .01, slowStart: .25, slowBy: math.Log(1.5)},
	} {
		o := simulate(t, enough(500), m, .95, 1)
		t.Logf("%s: %v", m.name, o)
		if o.percent(o.regression) > 7.5+fewRuns(7.5, o.runs) {
			t.Errorf("%s: %v; want at most 7.5 %% false alarms", m.name, o)
		}
	}
}

// Nor are they when each operation has slow starts of its own, however many gate.
func TestSlowStartsOfManyOperations(t *testing.T) {
	m := noise{trial: .05, start: .01, slowStart: .15, slowBy: math.Log(2)}
	var o outcome
	for i := range enough(200) {
		r := rand.New(rand.NewPCG(uint64(i), 8))
		in := Input{Design: Design{Profile: Full()}, Pairs: m.epochs(r, 15, .95, 1)}
		for operation := range 7 {
			for k, p := range m.epochs(r, 15, .95, 1) {
				for _, side := range []Side{Baseline, Candidate} {
					one := p.on(side).Operations[0]
					one.Operation = fmt.Sprint("operation-", operation)
					to := &in.Pairs[k].Baseline
					if side == Candidate {
						to = &in.Pairs[k].Candidate
					}
					to.Operations = append(to.Operations, one)
				}
			}
		}
		o.add(judgedByLooks(t, in))
	}
	t.Logf("8 operations, 15 %% of starts x2: %v", o)
	if o.percent(o.regression) > 7.5+fewRuns(7.5, o.runs) {
		t.Errorf("%v; want at most 7.5 %% false alarms", o)
	}
}

// The quick profile with three operations at P50 and P95, six gates: seldom a
// false alarm on an A/A, a server slow throughout is found.
func TestQuickProfileCalibration(t *testing.T) {
	runs := 500
	if testing.Short() {
		runs = 100
	}
	for _, c := range []struct {
		effect     float64
		regression func(percent float64) bool
		pass       func(percent float64) bool
	}{
		{1, func(p float64) bool { return p <= 7.5 }, nil},
		{1.1, nil, func(p float64) bool { return p <= 9 }},
		{1.5, func(p float64) bool { return p >= 93 }, func(p float64) bool { return p == 0 }},
	} {
		var o outcome
		for i := range runs {
			r := rand.New(rand.NewPCG(uint64(i), 6))
			v, err := Judge(Input{Design: Design{Profile: sixPairs()}, Pairs: quickPairs(r, 6, math.Log(c.effect))})
			if err != nil {
				t.Fatal(err)
			}
			o.add(v)
		}
		t.Logf("quick, 6 gates, x%.2f: %v", c.effect, o)
		if c.regression != nil && !c.regression(o.percent(o.regression)) || c.pass != nil &&
			!c.pass(o.percent(o.pass)) {
			t.Errorf("quick, x%.2f: %v is out of its limits", c.effect, o)
		}
	}
}

// What the methods that are not used would say of a candidate that is the
// baseline: the single comparison against 1.05 and the pooled Mann-Whitney
// test over requests.
func TestRejectedMethodsRaiseFalseAlarms(t *testing.T) {
	runs := 400
	if testing.Short() {
		runs = 80
	}
	const trials, requests = 10, 1000
	naive, pooled, signedRank := make([]bool, runs), make([]bool, runs), make([]bool, runs)
	var group sync.WaitGroup
	for worker := range 2 {
		group.Go(func() {
			for i := worker; i < runs; i += 2 {
				r := rand.New(rand.NewPCG(uint64(i), 99))
				naive[i], pooled[i], signedRank[i] = quietMethods(r, trials, requests)
			}
		})
	}
	group.Wait()
	rate := func(alarms []bool) float64 {
		n := 0
		for _, a := range alarms {
			if a {
				n++
			}
		}
		return 100 * float64(n) / float64(runs)
	}
	t.Logf("false alarms in %d A/A runs of %d x %d requests, P99, quiet: one run > 1.05 x baseline %.0f %%, pooled "+
		"Mann-Whitney %.0f %%, signed rank %.1f %%",
		runs, trials, requests, rate(naive), rate(pooled), rate(signedRank))
	if rate(pooled) <= 10 || rate(naive) <= 20 {
		t.Errorf("pooled Mann-Whitney %.1f %% and naive rule %.1f %%; both should be far above 5 %%, which is why "+
			"they are not used", rate(pooled), rate(naive))
	}
	if rate(signedRank) > 7.5+300*math.Sqrt(.05*.95/float64(runs)) {
		t.Errorf("signed rank raises %.1f %% false alarms; want about 5 %%", rate(signedRank))
	}
}
