package capacityrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/variables"
)

// Resumed is a search that is gone on with.
type Resumed struct {
	Dir    string        // Dir is its directory, "" for a search of its own.
	Budget time.Duration // Budget is the time that it gets, 0 for what it has left.

	given plan.Plan // given has the targets that were named once more, for their secrets,
	named []string  // named the flags that did so.
}

// TakeFlags takes how much longer the search may take, and targets whose secrets are stored nowhere.
// Everything else is as it was planned: a flag that says otherwise is refused, and variables are
// of runs to come.
func (r *Resumed) TakeFlags(flags *pflag.FlagSet) error {
	for _, k := range plan.For(plan.Capacity) {
		f := flags.Lookup(k.Name)
		switch value, of := f.Value.(*plan.Flag); {
		case !of || len(value.Values) == 0:
		case k.Name == "budget" || k.NamesTarget():
			if err := r.given.Set(k, value.Values); err != nil {
				return fmt.Errorf("--%s: %w", k.Name, err)
			}
			if k.NamesTarget() && !variables.Given(f) {
				r.named = append(r.named, k.Name)
			}
		case !variables.Given(f):
			return asPlanned(k.Name)
		}
	}
	if flags.Changed("plan") {
		return asPlanned("plan")
	}
	r.Budget = r.given.Budget
	return nil
}

func asPlanned(flag string) error {
	return fmt.Errorf("--resume goes on as it was planned: --%s cannot be given with it", flag)
}

// RestoreSecrets gives a stored plan the secrets of its targets. A target that was named for
// nothing is refused.
func (r *Resumed) RestoreSecrets(p *plan.Plan) error {
	stored := *p
	if err := plan.RestoreSecrets(p, plan.Capacity, r.given); err != nil {
		return fmt.Errorf("resume %s: %w", r.Dir, err)
	}
	for _, name := range r.named {
		needed := p.Candidate != stored.Candidate
		if name == "baseline" {
			needed = p.Baseline != stored.Baseline
		}
		if !needed {
			return asPlanned(name)
		}
	}
	return nil
}

// StoredPlan is the plan of a search that is to be resumed. What it may send from the environment is
// for the command line to say, and how much longer it may take: see TakeFlags.
func (r *Resumed) StoredPlan(flags *pflag.FlagSet, secretsAllowed []string) (plan.Plan, error) {
	var p plan.Plan
	if err := r.TakeFlags(flags); err != nil {
		return p, err
	}
	run, err := session.Read(r.Dir)
	if err != nil {
		return p, err
	}
	if !searches.Is(run.Header) {
		return p, fmt.Errorf("%s holds no search for capacity: it cannot be resumed", r.Dir)
	}
	if run.Complete() && !run.Resumable() {
		return p, fmt.Errorf("the search in %s came to its end: there is nothing to resume", r.Dir)
	}
	if err := json.Unmarshal(run.Plan, &p); err != nil {
		return p, fmt.Errorf("the plan stored in %s cannot be read: %w", r.Dir, err)
	}
	if r.Budget == 0 && run.Complete() {
		return p, fmt.Errorf("the search in %s used up its time: give it more with --budget 30m", r.Dir)
	}
	p.SecretsAllowed, p.Out = secretsAllowed, r.Dir
	err = r.RestoreSecrets(&p)
	return p, err
}

// CheckFlags finds what a plan alone does not show: a candidate that nothing is the baseline of.
func CheckFlags(flags *pflag.FlagSet, p plan.Plan) error {
	if flags.Changed("candidate") && p.Baseline == "" {
		return errors.New("--candidate needs a --baseline; one server alone is --target")
	}
	if len(p.Vary) > 0 {
		return nil // Each cell is checked.
	}
	return p.CheckCapacity()
}
