package baselines

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Apart sets one role of a run beside a baseline, with what differs although it is allowed
// to. It fails when something differs that is not.
func Apart(
	b *bench.StoredBaseline, run *bench.Run, role bench.Role, allow []string,
) (verdict.Apart, []targets.Difference, error) {
	then, err := targets.Fingerprint(b.Header, b.Role)
	if err != nil {
		return verdict.Apart{}, nil, fmt.Errorf("baseline %s: %w", b.Name, err)
	}
	now, err := targets.Fingerprint(run.Header, role)
	if err != nil {
		return verdict.Apart{}, nil, fmt.Errorf("the run: %w", err)
	}
	allowed, err := targets.Guard(then, now, allow)
	if err != nil {
		return verdict.Apart{}, nil, err
	}
	in, err := runs.Apart(b, run, role)
	return in, allowed, err
}
