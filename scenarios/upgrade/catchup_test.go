package upgrade

import (
	"context"
	"slices"
	"testing"
	"time"
)

// With a catch-up nothing of the window is lost, also under a load that goes on, and nothing that
// was revoked or used comes back; one that leaves a kind out is found by its name.
func TestCatchUp(t *testing.T) {
	for _, test := range []struct {
		fault  string
		rate   float64
		canary Shares
		want   []string
	}{{"", 500, nil, nil}, {"", 500, Shares{0.5}, nil}, {"forgetful catch-up", 0, nil, []string{FoundForgotten}}} {
		r := newRehearsal(t, test.fault)
		r.Load, r.Window = Load{Rate: test.rate, Mix: DefaultMix(), Seed: 1}, 100*time.Millisecond
		r.Canary = test.canary
		u := &fakeUpgrade{blue: r.Blue.(*fakeServer), faults: map[string]bool{test.fault: true}}
		r.Upgrade = u.steps()
		r.Upgrade.CatchUp = func(context.Context, time.Time) (int64, error) { return u.catchUp(), nil }
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if names := faultsOf(t, got); !slices.Equal(names, test.want) {
			t.Errorf("%q: found %q; want %q\n%+v", test.fault, names, test.want, got.Findings)
		}
		if got.CaughtUp == 0 || named(got, FoundWindow).Wrong != 0 {
			t.Errorf("%q: %d rows, window %+v", test.fault, got.CaughtUp, named(got, FoundWindow))
		}
		asked := 0
		for _, line := range got.Lines {
			if line.Asked == AfterSwitch && line.Made == InWindow && line.Expect == Live {
				asked += line.Of
			}
		}
		if asked == 0 {
			t.Errorf("%q: nothing of the window was asked about", test.fault)
		}
	}
}
