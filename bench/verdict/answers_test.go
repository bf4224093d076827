package verdict

import (
	"strings"
	"testing"
	"time"
)

// A server that is wrong in the same way at both versions fails, and is no regression
// against itself; whatever it does beyond that is one.
func TestWrongAlike(t *testing.T) {
	wrong := func(p []Pair, side Side, n int, what string) {
		for i := range p {
			trial := &p[i].Baseline
			if side == Candidate {
				trial = &p[i].Candidate
			}
			o := &trial.Operations[0]
			o.Counts.OK, o.Counts.Invalid, o.Wrong = o.Counts.OK-n, n, map[string]int{what: n}
		}
	}
	for _, c := range []struct {
		name                string
		baseline, candidate int // wrong answers in each trial
		what, whatElse      string
		slower              time.Duration
		want                Decision
	}{
		{"alike", 5, 5, "live token called inactive", "live token called inactive", 1, Failed},
		{"fewer", 5, 2, "live token called inactive", "live token called inactive", 1, Failed},
		{"more", 1, 30, "live token called inactive", "live token called inactive", 1, Regression},
		{"otherwise", 5, 5, "live token called inactive", "revoked token called active", 1, Regression},
		{"alike and slower", 5, 5, "live token called inactive", "live token called inactive", 2, Regression},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := run(Quick(), 9, func(_ int, p *Pair) {
				for i := range p.Candidate.Operations[0].Quantiles {
					p.Candidate.Operations[0].Quantiles[i].Value *= c.slower
				}
			})
			wrong(in.Pairs, Baseline, c.baseline, c.what)
			wrong(in.Pairs, Candidate, c.candidate, c.whatElse)
			v, err := Judge(in)
			if err != nil {
				t.Fatal(err)
			}
			if v.Decision != c.want || !strings.Contains(strings.Join(v.Reasons, " "), "wrong answers in") {
				t.Errorf("%s: %q; want %s", v.Decision, v.Reasons, c.want)
			}
		})
	}
}

// Of versions that are wrong alike, one may have been asked more, and what the other was not
// asked often enough to show is no difference; what chance does not explain is one.
func TestOneWayOfBeingWrongThatOnlyOneLoadMet(t *testing.T) {
	const both, one = "unknown token called active", "expired token called active"
	for times, want := range map[int]Decision{1: Failed, 3: Failed, 30: Regression} {
		in := run(Quick(), 9, nil)
		for i := range in.Pairs {
			for _, trial := range []*Trial{&in.Pairs[i].Baseline, &in.Pairs[i].Candidate} {
				*trial = trial.failing(5, invalid)
				trial.Operations[0].Wrong = map[string]int{both: 5}
			}
		}
		in.Pairs[0].Candidate = in.Pairs[0].Candidate.failing(times, invalid)
		in.Pairs[0].Candidate.Operations[0].Wrong = map[string]int{both: 5, one: times}
		v, err := Judge(in)
		if err != nil || v.Decision != want || !strings.Contains(strings.Join(v.Reasons, " "), "but not so: "+one) {
			t.Errorf("%d times: %v, %s because %q; want %s", times, err, v.Decision, v.Reasons, want)
		}
	}
}
