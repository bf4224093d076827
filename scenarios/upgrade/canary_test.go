package upgrade

import (
	"slices"
	"testing"
	"time"
)

// A canary that is slow or fails is taken back, and neither a session of before the copy nor
// a revocation of any time is lost at blue.
func TestBrokenCanaryGoesBack(t *testing.T) {
	for _, test := range []struct {
		fault string
		watch Limits
		want  []string
	}{
		{"slow", Limits{P99: 10 * time.Millisecond}, []string{FoundSlow}},
		{"failing", Limits{Errors: 0.05}, []string{FoundSlow}},
		{"", Limits{Errors: 0.5}, nil},
	} {
		r := newRehearsal(t, test.fault)
		r.Load = Load{Rate: 500, Mix: DefaultMix(), Seed: 1, Watch: test.watch}
		r.Window, r.Canary = 100*time.Millisecond, Shares{0.5}
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if names := faultsOf(t, got); !slices.Equal(names, test.want) {
			t.Errorf("%q: found %q; want %q\n%+v", test.fault, names, test.want, got.Findings)
		}
		asked := 0
		for _, line := range got.Lines {
			if line.Asked == AfterSwitch && line.Expect == Dead {
				asked += line.Of
			}
		}
		if asked == 0 {
			t.Errorf("%q: nothing that was revoked was asked about", test.fault)
		}
	}
}

func TestShares(t *testing.T) {
	for text, want := range map[string]Shares{"5%,25%,100%": {0.05, 0.25}, "50%": {0.5}, "100%": nil} {
		var got Shares
		if err := got.Set(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("Set(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "0%", "25%,5%", "101%", "NaN%", "-1%"} {
		var got Shares
		if err := got.Set(text); err == nil {
			t.Errorf("Set(%q) = %v; want an error", text, got)
		}
	}
}
