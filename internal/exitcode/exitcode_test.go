package exitcode

import (
	"errors"
	"fmt"
	"testing"

	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// A limit of this machine decides nothing about a target, also where it kept one from being reached.
func TestAnOwnLimitIsInconclusive(t *testing.T) {
	limit := &session.LimitError{Limit: "no port left", Err: errors.New("dial")}
	for _, err := range []error{limit, fmt.Errorf("burn-in: %w", limit), &targets.StartError{Err: limit}} {
		if got := Of(err); got != Inconclusive {
			t.Errorf("%v: exit %d; want %d", err, got, Inconclusive)
		}
	}
	if got := Of(&targets.StartError{Err: errors.New("refused")}); got != NoTarget {
		t.Errorf("a target that does not start: exit %d; want %d", got, NoTarget)
	}
}
