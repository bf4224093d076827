package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// moment is where a trial stands in a run.
type moment struct {
	side   Side
	epoch  int
	ofSide int  // trials of this version before it in its epoch
	second bool // of its pair
}

// inequity is a held-out world that meets the two versions of a run differently, or disturbs
// trials in a way that the machine's counters show.
type inequity struct {
	what string
	// trial draws what a trial's logarithms of every quantile get, and whether the machine's
	// counters show why.
	trial func(r *rand.Rand, m moment) (x float64, disturbed bool)
	// own draws a quantile's own noise, of about unit scale.
	own  func(r *rand.Rand) float64
	ties time.Duration
}

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// heavyTails is Student's t with two degrees of freedom, which has no variance, scaled to the
// quartiles of a normal.
func heavyTails(r *rand.Rand) float64 {
	return min(max(.826*r.NormFloat64()/math.Sqrt(r.ExpFloat64()), -9), 9)
}

func nothing(*rand.Rand, moment) (float64, bool) { return 0, false }

// disturbing slows a share of each version's trials by 30 % in the mean, as the counters show.
func disturbing(baseline, candidate float64) func(*rand.Rand, moment) (float64, bool) {
	share := map[Side]float64{Baseline: baseline, Candidate: candidate}
	return func(r *rand.Rand, m moment) (float64, bool) {
		if r.Float64() < share[m.side] {
			return .3 * r.ExpFloat64(), true
		}
		return 0, false
	}
}

// warmUpOf slows one version by half at the run's start, which fades.
func warmUpOf(side Side) func(*rand.Rand, moment) (float64, bool) {
	return func(_ *rand.Rand, m moment) (float64, bool) {
		if m.side != side {
			return 0, false
		}
		return math.Log1p(.5 * math.Exp(-float64(m.epoch)/3)), false
	}
}

var inequities = []inequity{
	{"one trial in seventeen is disturbed", disturbing(.06, .06), normal, 0},
	{"the candidate's trials are disturbed three times as often", disturbing(.03, .09), normal, 0},
	{"the baseline's trials are disturbed three times as often", disturbing(.09, .03), normal, 0},
	{"the candidate warms up for some epochs", warmUpOf(Candidate), normal, 0},
	{"the baseline warms up for some epochs", warmUpOf(Baseline), normal, 0},
	{"the first trial after each start is 30 % slower", func(_ *rand.Rand, m moment) (float64, bool) {
		if m.ofSide == 0 {
			return math.Log(1.3), false
		}
		return 0, false
	}, normal, 0},
	{"the second trial of each pair is 5 % slower", func(_ *rand.Rand, m moment) (float64, bool) {
		if m.second {
			return math.Log(1.05), false
		}
		return 0, false
	}, normal, 0},
	{"tails without a variance", nothing, heavyTails, 0},
	{"noise that only slows", nothing, func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 }, 0},
	{"times in steps of 1 ms", nothing, normal, time.Millisecond},
}

// run draws a whole run of a profile, in which each disturbed pair is measured again once at the
// end of its epoch, as a runner does; gate is the true factor of token's P95 and P99.
func (q inequity) run(r *rand.Rand, p Profile, gate float64) Input {
	in := Input{Design: Design{Profile: p}}
	again := p.Planned() * p.PairsPerEpoch / 4
	for unit := range p.Planned() {
		start := map[Side]float64{Baseline: calmStart(r), Candidate: calmStart(r)}
		measured := map[Side]int{}
		pair := func(block int, first bool) Pair {
			one := Pair{Epoch: unit, Block: block, CandidateFirst: first}
			order := []Side{Baseline, Candidate}
			if first {
				order = []Side{Candidate, Baseline}
			}
			for place, side := range order {
				x, disturbed := q.trial(r, moment{side, unit, measured[side], place == 1})
				measured[side]++
				t := heldOutTrial(start[side]+x, 3.2, q.ties, side, gate, func() float64 { return q.own(r) })
				if disturbed {
					t.Disturbed = []string{"other programs"}
				}
				if side == Baseline {
					one.Baseline = t
				} else {
					one.Candidate = t
				}
			}
			return one
		}
		first, epoch := false, []Pair{}
		for k := range p.PairsPerEpoch {
			if k%2 == 0 {
				first = r.IntN(2) == 1
			}
			epoch = append(epoch, pair(k/2, first != (k%2 == 1)))
		}
		for k := range p.PairsPerEpoch {
			if epoch[k].disturbed() && again > 0 {
				again--
				epoch = append(epoch, pair(len(epoch), r.IntN(2) == 1))
			}
		}
		in.Pairs = append(in.Pairs, epoch...)
	}
	return in
}

// The promise of TestHeldOutWorlds holds too where the world is not the same to both versions.
func TestHeldOutInequities(t *testing.T) {
	for _, p := range []Profile{CI(), Quick()} {
		margin := Design{Profile: p}.Fraction("token", .95)
		for i, q := range inequities {
			if ofAnother(p, i) {
				continue
			}
			t.Run(p.Name+", "+q.what, func(t *testing.T) {
				t.Parallel()
				holdsPromise(t, margin, func(i uint64, gate float64) Verdict {
					return judgedByLooks(t, q.run(rand.New(rand.NewPCG(i, 0x1e9)), p, gate))
				})
			})
		}
	}
}

// The margin that is chosen by the noise of a short pilot, and of earlier runs, is one at which equal
// versions pass nine times in ten, on calm machines and on noisy ones, over all that a pilot may see.
func TestChosenMarginsKeepTheirPromise(t *testing.T) {
	const seconds, windows, window = 2.7, 12, 10. / 12
	for _, noisier := range []float64{1, 1.5, 2, 3} {
		passed, runs := 0, enough(150)
		chosen := map[float64]int{}
		for i := range runs {
			r := rand.New(rand.NewPCG(uint64(i), 0xaa7))
			var gates []Scatter
			for _, n := range shortNoise {
				var each []Noise
				for range 2 { // versions
					var values []float64
					for range windows {
						// What a window scatters by, when pairs share arrivals and requests and windows do not.
						values = append(values,
							noisier*n.p95/math.Sqrt(2*window)/sharedSequence*r.NormFloat64())
					}
					each = append(each, Noise{Deviation: sharedSequence * central(adjacent(values)),
						Requests: 100 * window, Freedom: (windows - 1) / 2})
				}
				seen := Pooled(each)[0].Scaled(100 * seconds)
				gates = append(gates, Scatter{Deviation: seen.Deviation, Margin: .1, Freedom: seen.Freedom})
			}
			margin, _ := CI().ChooseMargin(gates)
			chosen[margin]++
			in := world{seconds: seconds, noisier: noisier, burst: .01}.run(r, CI())
			in.Margins = []Margin{{Quantile: .95, Fraction: margin}}
			if judgedByLooks(t, in).Decision == Pass {
				passed++
			}
		}
		share := 100 * float64(passed) / float64(runs)
		t.Logf("noise x%v: %.1f %% of %d runs pass; margins %v", noisier, share, runs, chosen)
		if share < 90-twoErrors(90, runs) {
			t.Errorf("noise x%v: %.1f %% of equal versions pass; want at least 90", noisier, share)
		}
	}
}

// Where noise has widened a margin, a gate still convicts a candidate that is a fifth slower, hardly ever
// one that is slower by a twentieth, and equal versions as seldom as with its own margin.
func TestWidenedMarginsStillConvict(t *testing.T) {
	for _, c := range []struct {
		what, operation               string
		factor                        float64
		leastConvicted, mostConvicted float64 // per cent
		runs                          int
	}{
		{"equal versions", "token", 1, 0, 2, 200},
		{"token 20 % slower", "token", 1.2, 97, 100, 150},
		{"token 5 % slower", "token", 1.05, 0, 5, 150},
		{"revoke 5 % slower", "revoke", 1.05, 0, 5, 150},
		{"introspect 5 % slower", "introspect", 1.05, 0, 10, 200},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			var o outcome
			for i := range enough(c.runs) {
				w := world{seconds: 2.9, noisier: 2, burst: .01, slower: map[string]float64{c.operation: c.factor}}
				in := w.run(rand.New(rand.NewPCG(uint64(i), 0xc0f)), CI())
				in.Margins = []Margin{{Quantile: .95, Fraction: .2, Convicts: max(.1, .2*ConvictingShare)}}
				o.add(judgedByLooks(t, in))
			}
			t.Logf("%s: %v", c.what, o)
			if got := o.percent(o.regression); got < c.leastConvicted-twoErrors(c.leastConvicted, o.runs) ||
				got > c.mostConvicted+twoErrors(c.mostConvicted, o.runs) {
				t.Errorf("%.1f %% are convicted; want %v to %v", got, c.leastConvicted, c.mostConvicted)
			}
		})
	}
}

// Where a gate convicts from less than its margin, nothing passes that is slower beyond chance by as much.
func TestNothingPassesThatIsSlowerByWhatConvicts(t *testing.T) {
	for _, factor := range []float64{1.12, 1.15, 1.18} {
		var o outcome
		for i := range enough(60) {
			w := world{seconds: 2.9, burst: .01, slower: map[string]float64{"token": factor}}
			in := w.run(rand.New(rand.NewPCG(uint64(i), 0xc1f)), CI())
			in.Margins = []Margin{{Quantile: .95, Fraction: .2, Convicts: .1}}
			v := judgedByLooks(t, in)
			o.add(v)
			for _, c := range v.Comparisons {
				if v.Decision == Pass && c.Gating && c.Ratio.Low > 1 && c.Ratio.Estimate >= 1.1 {
					t.Errorf("run %d of %v passes: %v", i, factor, c)
				}
			}
		}
		t.Logf("token %v: %v", factor, o)
	}
}
