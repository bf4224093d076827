package verdict

import (
	"strings"
	"testing"
)

// A flaw that was found beside the load decides as a wrong answer does, and the sentence
// says which version has it.
func TestFlawsDecide(t *testing.T) {
	one := Flaw{Check: "authentication", What: "token endpoint accepts a wrong secret"}
	two := Flaw{Check: "authentication", What: "token endpoint accepts no credentials"}
	for _, c := range []struct {
		name                string
		baseline, candidate []Flaw
		want                Decision
		says                string
	}{
		{"of neither", nil, nil, Pass, "token P95 is"},
		{"of the candidate", nil, []Flaw{two, one}, Regression,
			"authentication, asked beside the load: of the candidate, token endpoint accepts a wrong secret; " +
				"token endpoint accepts no credentials; not so of the baseline"},
		{"of both", []Flaw{one}, []Flaw{one}, Failed, "of both, token endpoint accepts a wrong secret"},
		{"of both, and one more", []Flaw{one}, []Flaw{one, two}, Regression,
			"no credentials; not so of the baseline; of both, token endpoint accepts a wrong secret"},
		{"of the baseline", []Flaw{one}, nil, Inconclusive,
			"of the baseline, token endpoint accepts a wrong secret; not so of the candidate: " +
				"its percentiles are no reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := run(Quick(), 9, nil)
			in.Pairs[3].Baseline.Flaws, in.Pairs[3].Candidate.Flaws = c.baseline, c.candidate
			in.Pairs[3].Candidate.Disturbed = []string{"other programs"}
			v, err := Judge(in)
			if err != nil {
				t.Fatal(err)
			}
			if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, " "), c.says) {
				t.Errorf("%s: %q; want %s and %q", v.Decision, v.Reasons, c.want, c.says)
			}
		})
	}
}

// What a version answered wrongly before the trials is no worse than what the other answered
// wrongly within them.
func TestFlawsAreComparedWithAnswers(t *testing.T) {
	const what = "JWT signed by a key that is not published"
	for _, c := range []struct {
		baseline int // wrong answers of each of its trials
		want     Decision
	}{{0, Regression}, {2, Failed}} {
		in := run(Quick(), 9, func(_ int, p *Pair) {
			p.Baseline = p.Baseline.failing(c.baseline, invalid)
			if c.baseline > 0 {
				p.Baseline.Operations[0].Wrong = map[string]int{what: c.baseline}
			}
		})
		in.Pairs[0].Candidate.Flaws = []Flaw{{Check: BeforeTrials, What: what}}
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, " "), what) {
			t.Errorf("%d wrong answers of the baseline: %s: %q; want %s", c.baseline, v.Decision, v.Reasons, c.want)
		}
	}
}

// Which of its faults the load meets is chance: one that both versions were asked for and
// have is no difference, though only the candidate's load met it.
func TestFaultOfBothThatOneLoadMet(t *testing.T) {
	const what = "tampered token called active (cut by one character)"
	in := run(Quick(), 9, func(_ int, p *Pair) {
		for _, trial := range []*Trial{&p.Baseline, &p.Candidate} {
			trial.Flaws = []Flaw{{Check: "near misses of tokens", What: what}}
		}
	})
	in.Pairs[0].Candidate = in.Pairs[0].Candidate.failing(1, invalid)
	in.Pairs[0].Candidate.Operations[0].Wrong = map[string]int{what: 1}
	v, err := Judge(in)
	if err != nil || v.Decision != Failed {
		t.Errorf("%v: %s because %q; want %s", err, v.Decision, v.Reasons, Failed)
	}
	in.Pairs[0].Candidate.Operations[0].Wrong = map[string]int{what: 1, "another": 1}
	if v, err = Judge(in); err != nil || v.Decision != Regression {
		t.Errorf("%v: %s because %q; want %s for what the baseline has not", err, v.Decision, v.Reasons, Regression)
	}
}

// A share of refused requests above the limit is named with the ways in which they were
// refused.
func TestRefusalsAreNamed(t *testing.T) {
	in := run(Quick(), 8, func(_ int, pair *Pair) {
		pair.Candidate = pair.Candidate.failing(100, rejected)
		pair.Candidate.Operations[0].Refused = []string{"status 503", "status 401 invalid_token"}
	})
	v, err := Judge(limitedErrors(in, DefaultMostErrors))
	if err != nil {
		t.Fatal(err)
	}
	const want = "800 rejected: status 401 invalid_token, status 503)"
	if v.Decision != Regression || !strings.Contains(strings.Join(v.Reasons, " "), want) {
		t.Errorf("%s: %q; want %q", v.Decision, v.Reasons, want)
	}
}

// A run that a busy machine ended before its first pair hides no errors of its warm-ups.
func TestWarmupsAloneShowErrors(t *testing.T) {
	for _, failed := range []int{0, 300} {
		in := Input{Design: Design{Profile: Quick()}, Loose: []Loose{
			{Side: Baseline, Trial: full(0), Warmup: true},
			{Side: Candidate, Trial: full(0).failing(failed, rejected), Warmup: true},
		}}
		v, err := Judge(limitedErrors(in, DefaultMostErrors))
		if err != nil {
			t.Fatal(err)
		}
		if want := map[int]Decision{0: Invalid, 300: Regression}[failed]; v.Decision != want {
			t.Errorf("%d of 1000 refused in the warm-up: %s, %q; want %s", failed, v.Decision, v.Reasons, want)
		}
	}
}
