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
			o.Counts.OK, o.Counts.Invalid, o.Wrong = o.Counts.OK-n, n, []string{what}
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
