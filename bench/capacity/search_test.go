package capacity

import (
	"math"
	"reflect"
	"testing"
)

// The certified rate is nearly always between 0.92 and 1.00 of the truth on a quiet
// machine, and never far above it, wherever the search begins.
func TestCertifiedRateIsNearTheTruth(t *testing.T) {
	const truth, seeds = 400.0, 400
	for _, noise := range []float64{0.02, 0.05} {
		near := 0
		for seed := range uint64(seeds) {
			first := truth * (0.3 + 0.4*float64(seed)/seeds)
			r := newServer(truth, noise, seed).run(DefaultDesign(first)).Result()
			if r.Ending != Certified {
				t.Fatalf("noise %v, seed %d: %+v", noise, seed, r)
			}
			share := r.Rate / truth
			if share >= 0.92 && share <= 1.0 {
				near++
			}
			if share > 1.05 {
				t.Errorf("noise %v, seed %d: certified %.3f of the truth", noise, seed, share)
			}
		}
		t.Logf("noise %v of ln P99: %d of %d certified rates within 0.92 and 1.00 of the truth", noise, near, seeds)
		if near < seeds*95/100 {
			t.Errorf("noise %v: %d of %d within 0.92 and 1.00; want 95 of 100", noise, near, seeds)
		}
	}
}

// The interval of the curve holds the rate at which half of trials hold.
func TestCurveCoversTheTruth(t *testing.T) {
	const truth, seeds = 400.0, 300
	for _, noise := range []float64{0.02, 0.1, 0.3} {
		covered, above := 0, 0
		for seed := range uint64(seeds) {
			first := truth * (0.3 + 0.4*float64(seed)/seeds)
			search := newServer(truth, noise, seed).run(DefaultDesign(first))
			curve, ok := FitCurve(search.Trials())
			if !ok {
				t.Fatalf("no curve from %v", search.Trials())
			}
			if curve.Half.Low <= truth && truth <= curve.Half.High {
				covered++
			}
			if curve.NineTenths.Estimate > curve.Half.Estimate {
				above++
			}
		}
		t.Logf("noise %v of ln P99: the 90 %% interval holds the truth in %d of %d", noise, covered, seeds)
		if covered < seeds*85/100 || covered > seeds*95/100 {
			t.Errorf("noise %v: %d of %d intervals hold the truth; want about 90 of 100", noise, covered, seeds)
		}
		if above > 0 {
			t.Errorf("%d curves rise with the rate", above)
		}
	}
}

// A search that is told again what it was told asks the same: so it can be resumed.
func TestSearchIsResumedByItsTrials(t *testing.T) {
	whole := newServer(400, 0.1, 7).run(Design{First: 200, Least: 1, Growth: 1.25, Resolution: 1.05, Confirmations: 5,
		Needed: 4, Soak: true})
	for cut := range len(whole.Trials()) {
		again := New(whole.design)
		for _, trial := range whole.Trials()[:cut] {
			if step, ok := again.Next(); !ok || step != trial.Step {
				t.Fatalf("after %d trials: asks for %+v; want %+v", len(again.Trials()), step, trial.Step)
			}
			again.Record(trial.Outcome)
		}
		for _, trial := range whole.Trials()[cut:] {
			again.Record(trial.Outcome)
		}
		if !reflect.DeepEqual(again.Result(), whole.Result()) {
			t.Fatalf("resumed after %d trials: %+v; want %+v", cut, again.Result(), whole.Result())
		}
	}
}

func TestEndings(t *testing.T) {
	t.Run("a server that never fails", func(t *testing.T) {
		d := DefaultDesign(100)
		d.Most = 1000
		s := newServer(1e9, 0, 1)
		r := s.run(d).Result()
		if r.Ending != AboveGenerator || r.Rate != 1000 || r.Above != 0 {
			t.Errorf("%+v; want the generator's limit of 1000/s", r)
		}
	})
	t.Run("a generator that ends before the server", func(t *testing.T) {
		const most = 700.0
		search := New(DefaultDesign(100))
		for {
			step, ok := search.Next()
			if !ok {
				break
			}
			if step.Rate > most {
				search.Record(Beyond)
				continue
			}
			search.Record(Held)
		}
		r := search.Result()
		if r.Ending != AboveGenerator || r.Rate > most || r.Rate < most/1.06 || r.Above != 0 {
			t.Errorf("%+v; want just below the generator's limit of %v/s, and nothing above it", r, most)
		}
	})
	t.Run("a limit that no rate keeps", func(t *testing.T) {
		s := newServer(400, 0, 1)
		s.limit = s.service / 2
		search := s.run(DefaultDesign(50))
		if r := search.Result(); r.Ending != Unreachable || r.Rate != 0 {
			t.Errorf("%+v; want unreachable", r)
		}
		last := search.Trials()[len(search.Trials())-1]
		if last.Rate != 1 {
			t.Errorf("the last trial had %v/s; want the least rate, 1/s", last.Rate)
		}
	})
	t.Run("first rate far too high", func(t *testing.T) {
		r := newServer(100, 0.02, 3).run(DefaultDesign(5000)).Result()
		if r.Ending != Certified || r.Rate < 92 || r.Rate > 100 {
			t.Errorf("%+v; want about 100/s", r)
		}
	})
	t.Run("first rate far too low", func(t *testing.T) {
		r := newServer(5000, 0.02, 3).run(DefaultDesign(10)).Result()
		if r.Ending != Certified || r.Rate < 4600 || r.Rate > 5000 {
			t.Errorf("%+v; want about 5000/s", r)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		s := New(DefaultDesign(100))
		s.Record(Held)
		if r := s.Result(); r.Ending != Unfinished || r.Rate != 100 {
			t.Errorf("%+v; want unfinished at 100/s", r)
		}
	})
}

// Confirmations are of two starts at the least, and a soak has nine tenths of the rate.
func TestConfirmationsAreOfFreshStarts(t *testing.T) {
	d := DefaultDesign(200)
	d.Soak = true
	search := newServer(400, 0.05, 1).run(d)
	fresh, confirmed := 0, 0
	for _, trial := range search.Trials() {
		if trial.Phase == Confirm && trial.Rate == search.Result().Rate {
			confirmed++
			if trial.Fresh {
				fresh++
			}
		}
	}
	if fresh < 2 || confirmed < d.Needed {
		t.Errorf("%d confirmations over %d starts; want at least %d over 2", confirmed, fresh, d.Needed)
	}
	last := search.Trials()[len(search.Trials())-1]
	if last.Phase != Soak || math.Abs(last.Rate-SoakShare*search.Result().Rate) > 1e-9 {
		t.Errorf("the last trial is %+v; want a soak at %v of %v/s", last, SoakShare, search.Result().Rate)
	}
}

// Starts that differ are no reason to certify what only the fast ones keep.
func TestSlowStartsAreNotCertifiedAway(t *testing.T) {
	const truth, seeds = 400.0, 200
	above := 0
	for seed := range uint64(seeds) {
		s := newServer(truth, 0.03, seed)
		s.bimodal = 0.3
		if r := s.run(DefaultDesign(200)).Result(); r.Rate > 1.05*truth {
			above++
		}
	}
	if above > 0 {
		t.Errorf("%d of %d certified rates lie above what a fast start keeps", above, seeds)
	}
}

func TestCurveNeedsBothKinds(t *testing.T) {
	for _, outcome := range []Outcome{Held, Failed} {
		if c, ok := FitCurve([]Trial{{Step{Rate: 100}, outcome}, {Step{Rate: 120}, outcome}}); ok {
			t.Errorf("trials that all %s have the curve %+v", outcome, c)
		}
	}
}

// A search that stops at any moment says of no rate that it held where no trial of that rate did.
func TestUnfinishedSearchClaimsWhatHeld(t *testing.T) {
	claims, lowered := 0, 0
	for seed := range uint64(100) {
		whole := newServer(400, 0.2, seed).run(DefaultDesign(200))
		stopped := New(DefaultDesign(200))
		held := map[float64]bool{}
		for _, trial := range whole.Trials() {
			stopped.Record(trial.Outcome)
			held[trial.Rate] = held[trial.Rate] || trial.Outcome == Held
			r := stopped.Result()
			if r.Rate > 0 && !held[r.Rate] {
				t.Fatalf("seed %d: %v is said to have held after %v", seed, r.Rate, stopped.Trials())
			}
			claims++
			lowered = max(lowered, stopped.lowered)
		}
	}
	if claims == 0 || lowered == 0 {
		t.Errorf("%d claims, at most %d confirmations failed: nothing was tried", claims, lowered)
	}
}
