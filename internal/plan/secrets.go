package plan

import (
	"strings"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// RestoreSecrets puts back what a stored plan withholds of its targets, from a plan of the same
// command that names the same targets once more.
func RestoreSecrets(p *Plan, command string, given Plan) (err error) {
	of := func(flag, stored, given string) string {
		if err != nil {
			return stored
		}
		variable := "OAUTHBENCH_" + strings.ToUpper(flag)
		stored, err = plaintext.Restored(stored, given, "--"+flag+" or in "+variable)
		return stored
	}
	p.Baseline = of("baseline", p.Baseline, given.Baseline)
	p.Candidate = of(candidateName(*p, command), p.Candidate, given.Candidate)
	return err
}

// candidateName is what a command calls its candidate.
func candidateName(p Plan, command string) string {
	if command == Compare || command == Capacity && p.Baseline != "" {
		return "candidate"
	}
	return "target"
}
