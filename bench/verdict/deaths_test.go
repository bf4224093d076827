package verdict

import (
	"strings"
	"testing"
)

// A death decides against the version that died alone.
func TestDeaths(t *testing.T) {
	dead := func(side Side) Loose { return Loose{Side: side, Trial: Trial{Died: "pair 3: exit status 70"}} }
	for _, c := range []struct {
		what  string
		loose []Loose
		want  Decision
		said  string
	}{
		{"nobody", nil, Pass, ""},
		{"the candidate", []Loose{dead(Candidate)}, Regression,
			"the candidate died under load: pair 3: exit status 70"},
		{"the baseline", []Loose{dead(Baseline)}, Pass, "the baseline died under load: pair 3: exit status 70"},
		{"both", []Loose{dead(Baseline), dead(Candidate)}, Inconclusive,
			"the candidate died under load: pair 3: exit status 70"},
	} {
		in := run(Quick(), 8, nil)
		in.Loose = append(in.Loose, c.loose...)
		v, err := Judge(in)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(append(append(v.Reasons, v.Warnings...), v.Notes...), "\n")
		if v.Decision != c.want || !strings.Contains(said, c.said) {
			t.Errorf("%s died: %s, said %q; want %s and %q", c.what, v.Decision, said, c.want, c.said)
		}
	}
}
