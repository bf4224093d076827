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

// A budget that its trials alone would just fill is refused before anything is started: burn-in and pilots take
// some of it. The budget that the refusal names is enough.
func TestBudgetForTrialsAloneIsRefusedAtOnce(t *testing.T) {
	p := tokenPlan(plan.Compare, filepath.Join(t.TempDir(), "r"))
	p.Rates, p.Budget = map[string]plan.Rate{"": {PerSecond: 5}}, 90*time.Second
	profile := p.EffectiveProfile()
	median, _ := profile.OnlyMedian()
	fixed, _ := planned(p)
	if _, err := median.Fit(loadsOf(p, profile, fixed), 0, 0, 0); err != nil {
		t.Fatalf("%v; want a budget that its trials fit into", err)
	}
	_, err := Foresee(p, true)
	if err == nil {
		t.Fatal("90s at 5/s is accepted, and cannot hold")
	}
	_, named, _ := strings.Cut(err.Error(), "needs a budget of ")
	named, _, _ = strings.Cut(named, ",")
	if p.Budget, err = time.ParseDuration(named); err != nil {
		t.Fatal(err)
	}
	if _, err := Foresee(p, true); err != nil {
		t.Errorf("the budget that was named: %v", err)
	}
}
