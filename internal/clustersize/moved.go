package clustersize

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/oauthbench/oauthbench/bench/sizing"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/internal/hashing"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/reports"
	"github.com/oauthbench/oauthbench/scenarios"
)

// move takes what requests cost of the server's CPU to another machine, when that is asked for: the
// share of hashing, by what a hash takes on both. All else stays, which is said.
func (o *Options) move(s *reports.Size, runs []stored.Run) error {
	if o.machine == "" && o.measuredOn == "" {
		return nil
	}
	if o.machine == "" || o.measuredOn == "" {
		return errors.New("--machine and --measured-on go together: the hashes of the machine to plan for, " +
			"and of the " +
			"one that the runs were made on, each by oauthbench hashes --format json")
	}
	there, err := hashing.Read(o.machine)
	if err != nil {
		return err
	}
	here, err := hashing.Read(o.measuredOn)
	if err != nil {
		return err
	}
	if on := s.Evidence.Environment; on.CPU != "" && here.CPU != on.CPU || on.Arch != "" && here.Arch != on.Arch {
		return fmt.Errorf("%s is of %s (%s), and the runs were made on %s (%s)", o.measuredOn, here.CPU, here.Arch,
			on.CPU,
			on.Arch)
	}
	name, rounds, err := hashOf(s.Evidence.Deployment.Settings)
	if err != nil {
		return &BeyondError{err}
	}
	if err := checkSecrets(runs); err != nil {
		return &BeyondError{err}
	}
	before, ok := here.Of(name, rounds)
	after, known := there.Of(name, rounds)
	if !ok || !known {
		return &BeyondError{fmt.Errorf("%s of cost %d was not measured on both machines", name, rounds)}
	}
	for i := range s.Evidence.Costs {
		c := &s.Evidence.Costs[i]
		if c.Resource != stored.ServerCPU {
			continue
		}
		whole := c.PerRequest
		var moved []string
		c.Costs, moved, err = c.Costs.Moved(sizing.Hash{Here: before.Took.Seconds(), There: after.Took.Seconds()},
			checksSecret)
		if err != nil {
			return &BeyondError{err}
		}
		for _, operation := range moved {
			s.Moved = append(s.Moved, fmt.Sprintf(
				"%s: %s (cost %d) takes %s there and %s here, so that a request costs %s of "+
					"CPU and not %s", operation, name, rounds, milliseconds(after.Took.Seconds()),
				milliseconds(before.Took.Seconds()), milliseconds(c.PerRequest[operation]),
				milliseconds(whole[operation])))
		}
		if len(moved) == 0 {
			s.Moved = append(s.Moved, "nothing: no operation of these runs checks a client's secret")
		}
	}
	s.Moved = append(s.Moved, fmt.Sprintf(
		"not moved from %s to %s: what else requests cost, what one instance carries under "+
			"its limits, database and memory; search there for those", cmp.Or(here.CPU, o.measuredOn),
		cmp.Or(there.CPU, o.machine)))
	if o.cores == 0 {
		s.Machines.ServerCores = float64(there.Cores)
	}
	return nil
}

func milliseconds(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(10 * time.Microsecond).String()
}

// hashOf is how a deployment hashes its clients' secrets, by its settings.
func hashOf(settings map[string]string) (name string, cost int, err error) {
	name = settings["hasher"]
	text := settings["bcrypt_cost"]
	if name == hashing.PBKDF2 {
		text = cmp.Or(settings["pbkdf2_iterations"], settings["pbkdf2_rounds"])
	}
	if cost, err = strconv.Atoi(text); err != nil || name == "" {
		return "", 0, errors.New("how this server hashes secrets is not in its settings: nothing can be moved " +
			"to another " +
			"machine")
	}
	return name, cost, nil
}

// checkSecrets fails when clients of a run prove who they are by something that is not hashed.
func checkSecrets(runs []stored.Run) error {
	for _, r := range runs {
		var p struct {
			Parameters scenarios.Parameters `json:"parameters"`
		}
		if len(r.Plan) > 0 {
			if err := json.Unmarshal(r.Plan, &p); err != nil {
				return fmt.Errorf("%s: the stored plan cannot be read: %w", r.Dir, err)
			}
		}
		method := p.Parameters.OrDefaults().ClientAuth
		if method != oauth.AuthBasic && method != oauth.AuthPost {
			return fmt.Errorf("clients of %s prove themselves by %s: no secret is hashed, and nothing can be moved",
				r.Dir,
				method)
		}
	}
	return nil
}

// checksSecret tells whether an operation has the server check a client's secret.
func checksSecret(operation string) bool {
	return operation != "authorize" && slices.ContainsFunc(scenarios.All, func(s scenarios.Scenario) bool {
		return slices.Contains(s.Parameters, scenarios.ClientAuthKey) &&
			slices.ContainsFunc(s.Operations, func(o scenarios.Operation) bool { return o.Name == operation })
	})
}
