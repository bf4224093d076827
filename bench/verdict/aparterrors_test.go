package verdict

import (
	"strings"
	"testing"
)

// Against a stored baseline, too, a busy machine hides neither errors nor deaths.
func TestApartHidesNoErrors(t *testing.T) {
	for _, c := range []struct {
		what  string
		plant func(a *Apart)
		want  Decision
		says  string
	}{
		{"nothing but noise", func(*Apart) {}, Invalid, "disturbed from outside"},
		{"a third refused", func(a *Apart) {
			for i := range a.Candidate {
				a.Candidate[i].Trial = a.Candidate[i].Trial.failing(333, rejected)
			}
		}, Regression, "rejected"},
		{"a death", func(a *Apart) {
			a.Loose = append(a.Loose, Loose{Side: Candidate, Trial: Trial{Died: "pair 3: exit status 70"}})
		}, Regression, "the candidate died under load: pair 3: exit status 70"},
	} {
		a := apart(Quick(), 8, 0, .01, 1)
		for _, singles := range [][]Single{a.Baseline, a.Candidate} {
			for i := range singles {
				singles[i].Trial = full(0)
			}
		}
		c.plant(&a)
		for i := range a.Candidate {
			a.Candidate[i].Trial.Disturbed = []string{"other programs"}
		}
		v, err := JudgeApart(a)
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(v.Reasons, "; "); v.Decision != c.want || !strings.Contains(said, c.says) {
			t.Errorf("%s: %s: %s; want %s and %q", c.what, v.Decision, said, c.want, c.says)
		}
	}
}
