package capacityrun

import (
	"encoding/json"
	"fmt"

	"oauthbench/bench/capacity/searches"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
)

// StoredPlan is the plan of a search that is to be resumed. What it may send from the
// environment is for the command line to say.
func StoredPlan(dir string, secretsAllowed []string) (plan.Plan, error) {
	var p plan.Plan
	run, err := session.Read(dir)
	if err != nil {
		return p, err
	}
	if !searches.Is(run.Header) {
		return p, fmt.Errorf("%s holds no search for capacity: it cannot be resumed", dir)
	}
	if run.Complete() {
		return p, fmt.Errorf("the search in %s came to its end: there is nothing to resume", dir)
	}
	if err := json.Unmarshal(run.Plan, &p); err != nil {
		return p, fmt.Errorf("the plan stored in %s cannot be read: %w", dir, err)
	}
	p.SecretsAllowed, p.Out = secretsAllowed, dir
	return p, nil
}
