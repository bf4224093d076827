package summary_test

import (
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Two versions of one name have each their own pilot, whatever comes first; a run whose pilots have no roles
// tells them by their names.
func TestPilotsOfEqualNamesAreNotMixedUp(t *testing.T) {
	for _, order := range [][]bench.Role{{bench.Baseline, bench.Candidate}, {bench.Candidate, bench.Baseline}} {
		r := fixture.UsualReport()
		pilots := map[bench.Role]bench.Pilot{bench.Baseline: r.Run.Pilots[0], bench.Candidate: r.Run.Pilots[1]}
		r.Run.Pilots = nil
		for _, role := range order {
			d := r.Run.Deployments[role]
			d.Name = "same"
			r.Run.Deployments[role] = d
			p := pilots[role]
			p.Role, p.Deployment = role, "same"
			r.Run.Pilots = append(r.Run.Pilots, p)
		}
		s := summary.Of(r)
		said := summary.Loads(s)[0]
		for _, want := range []string{"what the baseline can carry (800/s)", "what the candidate can carry (2100/s)"} {
			if !strings.Contains(said, want) {
				t.Errorf("%v first: %q; want %q", order[0], said, want)
			}
		}
		for _, b := range summary.Bottlenecks(s) {
			want := map[bench.Role]string{bench.Baseline: "800/s of the pilot", bench.Candidate: "2100/s of the pilot"}
			if !strings.Contains(b.Sentence, want[b.Role]) {
				t.Errorf("%v first, %s: %q; want %q", order[0], b.Role, b.Sentence, want[b.Role])
			}
		}
	}
	if said := summary.Loads(summary.Of(fixture.UsualReport()))[0]; !strings.Contains(said, "(2100/s)") {
		t.Errorf("pilots without roles: %q; want them by name", said)
	}
}
