package capacityrun

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// The certified rate is nearly always between 0.92 and 1.00 of the truth when it is quiet and
// never above 1.05, and the intervals hold what they are of.
func TestCertifiedRateIsNearTheTruth(t *testing.T) {
	t.Parallel()
	const truth, seeds = 400.0, 100
	for _, noise := range []float64{0.02, 0.1} {
		near, half, nine, apart, most := 0, 0, 0, 0, 0.0
		// Nine trials in ten hold where P99 is below the limit by 1.28 deviations of noise.
		nineAt := truth / simulatedAt * (1 - (1-simulatedAt)*math.Exp(1.2816*noise))
		for seed := range uint64(seeds) {
			_, s, _ := alone(t, newSimulated(truth, noise, seed), seed)
			endsWith(t, s, capacity.Certified)
			share := s.Rate / truth
			most = max(most, share)
			if find(s.Findings, "all together they do not") != "" {
				apart++
			}
			if share >= 0.92 && share <= 1 {
				near++
			}
			if s.Curve == nil {
				t.Fatalf("noise %v, seed %d: no curve", noise, seed)
			}
			if c := s.Curve.Half; c.Low <= truth && truth <= c.High {
				half++
			}
			if c := s.Curve.NineTenths; c.Low <= nineAt && nineAt <= c.High {
				nine++
			}
		}
		t.Logf("noise %v of ln P99: %d of %d within 0.92 and 1.00 of the truth, at most %.3f; the intervals hold "+
			"the half rate in %d, the nine-tenths rate in %d",
			noise, near, seeds, most, half, nine)
		if noise <= 0.02 && near < seeds*95/100 {
			t.Errorf("noise %v: %d of %d within 0.92 and 1.00; want 95 of 100", noise, near, seeds)
		}
		if most > 1.05 || apart > seeds*3/100 {
			t.Errorf("noise %v: certified %.3f of the truth; trials are said to miss together what most kept in %d",
				noise,
				most, apart)
		}
		if nine < seeds*85/100 || nine > seeds*95/100 {
			t.Errorf("noise %v: %d of %d intervals hold the rate at which 90 %% of trials hold; want 85 to 95 of "+
				"100", noise, nine, seeds)
		}
	}
}

// find is the finding with these words, "" for none.
func find(findings []string, words string) string {
	i := slices.IndexFunc(findings, func(f string) bool { return strings.Contains(f, words) })
	if i < 0 {
		return ""
	}
	return findings[i]
}

// A server that stays overloaded is found out, started anew, and searched to the end.
func TestMetastableServerIsAFinding(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0.02, 1)
	s.sticky = true
	_, found, _ := alone(t, s, 1)
	endsWith(t, found, capacity.Certified)
	if find(found.Findings, "metastable failure: after ") == "" {
		t.Errorf("findings %q; want a metastable failure", found.Findings)
	}
	if found.Rate < 368 || found.Rate > 420 {
		t.Errorf("certified %.4g/s; want about 400/s", found.Rate)
	}
	_, quiet, _ := alone(t, newSimulated(400, 0.02, 1), 1)
	if len(quiet.Findings) > 0 {
		t.Errorf("a server that comes back: findings %q", quiet.Findings)
	}
}

// A server that cannot be started anew is certified on the one start it has, which is said, and one
// that stays overloaded is left as it is.
func TestServerThatCannotBeStartedAnew(t *testing.T) {
	t.Parallel()
	search := func(s *simulated) (*bench.Run, searches.Found) {
		servers := both{bench.Candidate: s}
		rule := simulatedRule(t, servers, 1)
		side := rule.Sides[bench.Candidate]
		side.Lasting = true
		rule.Sides[bench.Candidate] = side
		return hunted(t, servers, rule, 1)
	}
	s := newSimulated(400, 0.02, 1)
	run, found := search(s)
	endsWith(t, found.Sides[0], capacity.Certified)
	if s.starts != 0 || slices.ContainsFunc(run.Trials, func(t bench.Trial) bool {
		return t.Epoch != 0 || t.Search.Fresh
	}) {
		t.Errorf("it was started anew %d times, or a trial says so", s.starts)
	}
	if find(found.Sides[0].Findings, "all trials are of one start") == "" {
		t.Errorf("findings %q; want that there was one start", found.Sides[0].Findings)
	}
	s = newSimulated(400, 0.02, 1)
	s.sticky = true
	_, found = search(s)
	if found.Decision != verdict.Inconclusive || s.starts != 0 ||
		find(found.Sides[0].Findings, "metastable failure: after ") == "" ||
		find(found.Reasons, "cannot be started anew from here") == "" {
		t.Errorf("%s after %d starts: %q, findings %q; want it undecided, and metastable", found.Decision, s.starts,
			found.Reasons, found.Sides[0].Findings)
	}
}

func TestServerThatNeverFailsHasNoCapacity(t *testing.T) {
	t.Parallel()
	s := newSimulated(1e6, 0.02, 1)
	s.sends = 3000
	servers := both{bench.Candidate: s}
	rule := simulatedRule(t, servers, 1)
	side := rule.Sides[bench.Candidate]
	side.Design.First = 1000
	rule.Sides[bench.Candidate] = side
	_, found := hunted(t, servers, rule, 1)
	endsWith(t, found.Sides[0], capacity.AboveGenerator)
	if r := found.Sides[0].Rate; r > 3000 || r < 2800 {
		t.Errorf("held at %.4g/s; want just below the 3000/s that the generator can send", r)
	}
	if len(found.Sides[0].BeyondTrials) == 0 {
		t.Error("no trial shows that the generator was the limit")
	}
}

// A server that dies at its knee is started anew each time, and the deaths are said.
func TestServerThatDiesAtTheKnee(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0.02, 2)
	s.dies = 380
	_, found, _ := alone(t, s, 2)
	endsWith(t, found, capacity.Certified)
	if found.Rate >= 380 || found.Rate < 0.92*380 {
		t.Errorf("certified %.4g/s; want just below 380/s", found.Rate)
	}
	if find(found.Findings, "the server died at ") == "" {
		t.Errorf("findings %q; want its deaths", found.Findings)
	}
}

// A server whose disk fills up while it is searched is convicted of nothing, and carries nothing: the disk is
// named before all else.
func TestFullDiskIsNoCapacity(t *testing.T) {
	t.Parallel()
	for _, trial := range []int{1, 4, 12} {
		s := newSimulated(400, 0.02, 3)
		s.full = trial
		servers := both{bench.Candidate: s}
		run, _ := hunted(t, servers, simulatedRule(t, servers, 3), 3)
		run.End = &bench.End{}
		found, err := searches.Of(run)
		if err != nil {
			t.Fatal(err)
		}
		if found.Decision != verdict.Inconclusive || find(found.Reasons, "the database's disk is full") == "" ||
			!strings.Contains(found.Sides[0].Findings[0], "the database's disk is full") {
			t.Errorf("full from trial %d: %s, %q, %q; want it undecided for the disk", trial, found.Decision,
				found.Reasons, found.Sides[0].Findings)
		}
	}
}

// Of a server whose starts differ, what the slow ones carry is certified, and it is said.
func TestStartsThatDiffer(t *testing.T) {
	t.Parallel()
	said, above := 0, 0
	const seeds = 100
	for seed := range uint64(seeds) {
		s := newSimulated(400, 0.02, seed)
		s.bimodal, s.slower = 0.5, 1.3
		run, found, _ := alone(t, s, seed)
		endsWith(t, found, capacity.Certified)
		fast, slow := false, false
		for _, trial := range run.Trials {
			p99 := trial.Measurement("token").Response.Quantile(.99)
			if trial.Search.Phase == string(capacity.Confirm) {
				fast = fast || trial.Search.Rate > 330 && p99 < simulatedLimit
				slow = slow || trial.Search.Rate > 330 && p99 >= simulatedLimit*5/4
			}
		}
		if fast && slow && found.Rate > 420 {
			above++
		}
		if find(found.Findings, "starts of the server differ") != "" {
			said++
		}
	}
	t.Logf("starts that differ by 1.3 are said in %d of %d searches", said, seeds)
	if said < seeds*6/10 || above > 0 {
		t.Errorf("said in %d of %d, certified above a fast start in %d", said, seeds, above)
	}
	false0 := 0
	for seed := range uint64(seeds) {
		if _, found, _ := alone(t, newSimulated(400, 0.1, seed), seed); find(found.Findings,
			"starts of the server differ") != "" {
			false0++
		}
	}
	if false0 > seeds/20 {
		t.Errorf("said of %d of %d servers whose starts are equal", false0, seeds)
	}
}

// A server that becomes slower under the search is said to, and is certified as it is in the end.
func TestServerThatBecomesSlower(t *testing.T) {
	t.Parallel()
	said, near := 0, 0
	const seeds = 50
	for seed := range uint64(seeds) {
		s := newSimulated(400, 0.02, seed)
		s.growth = 0.003
		_, found, _ := alone(t, s, seed)
		endsWith(t, found, capacity.Certified)
		if find(found.Findings, "the server became slower") != "" {
			said++
		}
		end := math.Pow(1+s.growth, float64(s.trials))
		// At the end: service/(1-rate/most) = limit, both changed by the growth.
		truth := s.most / end * (1 - (1-simulatedAt)*end)
		if found.Rate <= 1.05*truth {
			near++
		}
	}
	t.Logf("growth is said in %d of %d searches; %d are certified within 1.05 of what the server carries at the "+
		"end", said, seeds, near)
	if said < seeds*8/10 || near < seeds*8/10 {
		t.Errorf("said in %d of %d, near the truth in %d", said, seeds, near)
	}
}

func TestLimitThatNoRateKeeps(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0, 1)
	s.service = 200 * time.Millisecond
	_, found, all := alone(t, s, 1)
	endsWith(t, found, capacity.Unreachable)
	if all.Decision != verdict.Failed || len(all.Reasons) != 1 || !strings.Contains(all.Reasons[0],
		"not even at 1/s") {
		t.Errorf("%s: %q; want one line that says it fails even at 1/s", all.Decision, all.Reasons)
	}
}

// Trials that other programs disturbed are measured again when they failed, and a machine
// that is never quiet ends the search with the reason.
func TestDisturbedTrials(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0.02, 3)
	s.foreign = 0.2
	_, found, _ := alone(t, s, 3)
	endsWith(t, found, capacity.Certified)
	if found.Rate < 0.92*400 || found.Rate > 400 {
		t.Errorf("certified %.4g/s; want about 400/s", found.Rate)
	}
	s = newSimulated(400, 0.02, 3)
	s.foreign = 1
	_, _, all := alone(t, s, 3)
	if all.Decision != verdict.Inconclusive || find(all.Reasons, "trials in a row were disturbed") == "" {
		t.Errorf("%s: %q; want it undecided for the disturbances", all.Decision, all.Reasons)
	}
}

// What other programs do to control trials is nothing that the server did.
func TestDisturbedControlTrials(t *testing.T) {
	t.Parallel()
	certified := 0
	const seeds = 50
	for seed := range uint64(seeds) {
		s := newSimulated(400, 0.02, seed)
		s.foreign, s.foreignFrom = 0.6, 15
		_, found, all := alone(t, s, seed)
		for _, words := range []string{"became slower", "metastable", "starts of the server differ"} {
			if said := find(found.Findings, words); said != "" {
				t.Errorf("seed %d: %q", seed, said)
			}
		}
		if found.Ending == capacity.Certified {
			certified++
		} else if find(all.Reasons, "in a row were disturbed") == "" && find(all.Reasons, "is used up") == "" {
			t.Errorf("seed %d: %s, %q", seed, found.Ending, all.Reasons)
		}
	}
	t.Logf("%d of %d searches came to their end", certified, seeds)
}

// A wrong answer counts whatever it was asked for: in a control trial at a low rate, too, and in a trial
// that other programs disturbed.
func TestWrongAnswersCountInEveryTrial(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0.02, 3)
	s.foreign = 0.2
	run, _, right := alone(t, s, 3)
	if right.Decision != verdict.Measured {
		t.Fatalf("without a wrong answer: %s, %q", right.Decision, right.Reasons)
	}
	kinds := map[string]int{}
	for i, trial := range run.Trials {
		switch {
		case trial.Search.Phase == searches.Control:
			kinds["control"] = i
		case len(trial.Excluded) > 0 && len(trial.Measurements) > 0:
			kinds["disturbed"] = i
		}
	}
	if len(kinds) != 2 {
		t.Fatalf("trials of the kinds %v; want controls and disturbed ones", kinds)
	}
	for kind, i := range kinds {
		again := *run
		again.Trials = slices.Clone(run.Trials)
		again.Trials[i].Measurements = slices.Clone(run.Trials[i].Measurements)
		again.Trials[i].Measurements[0].Outcomes.Invalid = 1
		found, err := searches.Of(&again)
		if err != nil || found.Decision != verdict.Failed || find(found.Reasons, "1 wrong answer") == "" {
			t.Errorf("a wrong answer in a %s trial: %s, %q, %v", kind, found.Decision, found.Reasons, err)
		}
	}
}

// What was stated beforehand is kept, whatever preparing takes.
func TestBudgetIsKept(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		s := newSimulated(400, 0.1, seed)
		s.preparing = time.Duration(seed%5) * time.Millisecond
		servers := both{bench.Candidate: s}
		rule := simulatedRule(t, servers, seed)
		began := s.now
		if seed%2 == 0 {
			rule.Budget = 90 * time.Second
		}
		_, found := hunted(t, servers, rule, seed)
		if took := s.now.Sub(began); took > rule.Budget+2*time.Second {
			t.Errorf("seed %d: took %v of %v", seed, took, rule.Budget)
		}
		if seed%2 == 0 && (found.Decision != verdict.Inconclusive || find(found.Reasons, "is used up") == "") {
			t.Errorf("seed %d: 90 s end as %s, %q", seed, found.Decision, found.Reasons)
		}
	}
}

// What is promised before the start holds for nine searches in ten, at any rate.
func TestCostIsWhatSearchesTake(t *testing.T) {
	t.Parallel()
	const seeds = 50
	for _, truth := range []float64{3, 30, 400} {
		about, most := 0, 0
		for seed := range uint64(seeds) {
			s := newSimulated(truth, 0.05, seed)
			servers := both{bench.Candidate: s}
			rule := simulatedRule(t, servers, seed)
			rule.Budget *= 10
			cost, began := rule.Cost(0, 300*time.Millisecond), s.now
			hunted(t, servers, rule, seed)
			took := s.now.Sub(began)
			if took <= cost.About*3/2 && took >= cost.About/2 {
				about++
			}
			if took <= cost.Most {
				most++
			}
		}
		t.Logf("at %v/s: %d of %d near what was said, %d of %d not above the most", truth, about, seeds, most, seeds)
		if about < seeds*8/10 || most < seeds*8/10 {
			t.Errorf("at %v/s: %d of %d near what was said, %d not above the most", truth, about, seeds, most)
		}
	}
}

// A search that was cut anywhere asks on as if it had not been, after a control trial of the servers
// that were started anew.
func TestSearchIsResumed(t *testing.T) {
	t.Parallel()
	asked := func(trials []bench.Trial) (rates []float64) {
		for _, trial := range trials {
			if trial.Search.Phase != searches.Control {
				rates = append(rates, trial.Search.Rate)
			}
		}
		return rates
	}
	s := newSimulated(400, 0, 4)
	run, whole, _ := alone(t, s, 4)
	for cut := range len(run.Trials) {
		servers := both{bench.Candidate: newSimulated(400, 0, 4)}
		again := *run
		again.Trials, again.End = slices.Clone(run.Trials[:cut]), nil
		resumed(t, servers, simulatedRule(t, both{bench.Candidate: s}, 4), &again)
		if cut < len(again.Trials) && again.Trials[cut].Search.Phase != searches.Control {
			t.Errorf("cut after %d trials: goes on with a %s", cut, again.Trials[cut].Search.Phase)
		}
		if got, want := asked(again.Trials), asked(run.Trials); !reflect.DeepEqual(got, want) {
			t.Fatalf("cut after %d trials: rates %v; want %v, certified %.4g/s", cut, got, want, whole.Rate)
		}
	}
}

// A search that other programs ended goes on when they have gone.
func TestDisturbedSearchIsResumed(t *testing.T) {
	t.Parallel()
	s := newSimulated(400, 0.02, 3)
	s.foreign = 1
	run, _, found := alone(t, s, 3)
	if found.Decision != verdict.Inconclusive || !run.Resumable() {
		t.Fatalf("%s, resumable: %v; want it undecided, and to be resumed", found.Decision, run.Resumable())
	}
	run.End, s.foreign = nil, 0
	servers := both{bench.Candidate: s}
	resumed(t, servers, simulatedRule(t, servers, 3), run)
	after, err := searches.Of(run)
	if err != nil {
		t.Fatal(err)
	}
	endsWith(t, after.Sides[0], capacity.Certified)
}

// Two versions that carry the same pass, one that carries a fifth less does not.
func TestVersionsAreCompared(t *testing.T) {
	t.Parallel()
	const seeds = 40
	for _, c := range []struct {
		name        string
		ratio       float64
		want        verdict.Decision
		least, most int // how often
	}{
		{"equal", 1, verdict.Pass, seeds * 85 / 100, seeds},
		{"a fifth less", 0.8, verdict.Regression, seeds * 95 / 100, seeds},
		{"less by the margin", 0.95, verdict.Pass, 0, seeds * 12 / 100},
	} {
		n, covered := 0, 0
		for seed := range uint64(seeds) {
			servers := both{
				bench.Baseline: newSimulated(400, 0.05, seed), bench.Candidate: newSimulated(400*c.ratio, 0.05,
					seed+1000),
			}
			rule := simulatedRule(t, servers, seed)
			rule.Searches, rule.Margin = 3, 0.05
			rule.Budget *= 3
			_, found := hunted(t, servers, rule, seed)
			if found.Ratio == nil {
				t.Fatalf("%s, seed %d: no ratio, %s %q", c.name, seed, found.Decision, found.Reasons)
			}
			if found.Decision == c.want {
				n++
			}
			if found.Ratio.Low <= c.ratio && c.ratio <= found.Ratio.High {
				covered++
			}
		}
		t.Logf("%s: %s in %d of %d, the ratio's interval holds the truth in %d", c.name, c.want, n, seeds, covered)
		if n < c.least || n > c.most {
			t.Errorf("%s: %s in %d of %d; want %d to %d", c.name, c.want, n, seeds, c.least, c.most)
		}
		if covered < seeds*80/100 {
			t.Errorf("%s: the interval holds the truth in %d of %d; want about 90 %%", c.name, covered, seeds)
		}
	}
}

// How well one and three searches of each version know the ratio is what the plan says beforehand.
func TestWidthsOfRatios(t *testing.T) {
	t.Parallel()
	const seeds = 30
	for _, c := range []struct {
		searches    int
		noise       float64
		least, most float64 // that nine of ten half widths do not exceed
	}{{1, 0.02, 0.03, 0.07}, {1, 0.1, 0.05, 0.12}, {3, 0.02, 0.005, 0.03}, {3, 0.1, 0.02, 0.07}} {
		var widths []float64
		for seed := range uint64(seeds) {
			servers := both{bench.Baseline: newSimulated(400, c.noise, seed),
				bench.Candidate: newSimulated(400, c.noise, seed+1000)}
			rule := simulatedRule(t, servers, seed)
			rule.Searches, rule.Margin = c.searches, 0.05
			rule.Budget *= 10
			_, found := hunted(t, servers, rule, seed)
			if found.Ratio == nil {
				t.Fatalf("seed %d: no ratio, %s %q", seed, found.Decision, found.Reasons)
			}
			widths = append(widths, (found.Ratio.High/found.Ratio.Low-1)/2)
		}
		slices.Sort(widths)
		nine := widths[seeds*9/10]
		t.Logf("%d searches, noise %v: nine of ten within %.1f %%", c.searches, c.noise, 100*nine)
		if nine < c.least || nine > c.most {
			t.Errorf("%d searches, noise %v: nine of ten within %.3f; the plan says %v to %v", c.searches, c.noise,
				nine,
				c.least, c.most)
		}
	}
}
