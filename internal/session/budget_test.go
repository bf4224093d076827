package session

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/plan"
)

// A server that runs already and is not restarted is burnt in once, however long that took: it
// stays at its speed, and its budget is for trials.
func TestRunningServersAreBurntInOnce(t *testing.T) {
	virtually(t, func(t *testing.T, n *network) {
		p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r"))
		p.Rates, p.Budget = map[string]plan.Rate{"": {PerSecond: 30}}, 70*time.Second
		r, baseline, candidate := n.compared(p)
		baseline.lasting, candidate.lasting, candidate.coldFor = true, true, 800
		began := time.Now()
		result, err := Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); !result.Run.Complete() || took > p.Budget+p.Budget/20 {
			t.Errorf("incomplete because %q, took %v of a budget of %v", result.Run.Incomplete(), took, p.Budget)
		}
		if said := strings.Join(r.Observer.(*watched).said, "\n"); strings.Contains(said, " requests\n") {
			t.Errorf("said %q; want no burn-in at later starts", said)
		}
	})
}
