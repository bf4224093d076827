package baselines

import (
	"encoding/json"
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// SideBySide is the plan that measures the baseline's version beside a candidate as
// the baseline was measured; the error tells why that cannot be.
func SideBySide(b *bench.StoredBaseline, candidate string, secrets []string) (plan.Plan, error) {
	p := plan.Plan{SecretsAllowed: secrets}
	if err := json.Unmarshal(b.Header.Plan, &p); err != nil {
		return p, fmt.Errorf("the plan of baseline %s cannot be read: %w", b.Name, err)
	}
	d := b.Deployment()
	if d.Server == "external" {
		return p, fmt.Errorf("baseline %s was measured on a server that others run: what answers there now may be "+
			"another version; compare a run instead of a target", b.Name)
	}
	p = p.Compared()
	p.Baseline, p.Candidate, p.Gates, p.Duration = d.Name, candidate, nil, 0
	p.Parameters = p.Parameters.OrDefaults()
	p.Rates, p.Scenarios, p.Mix = map[string]plan.Rate{}, nil, nil
	for _, l := range b.Header.Loads {
		for _, s := range l.Streams {
			p.Scenarios = append(p.Scenarios, s.Scenario)
			p.Rates[s.Scenario] = plan.Rate{PerSecond: s.Rate}
		}
	}
	for _, text := range []string{p.Baseline, p.Candidate} {
		if _, err := targets.Parse(text, p); err != nil {
			return p, err
		}
	}
	return p, p.Check()
}
