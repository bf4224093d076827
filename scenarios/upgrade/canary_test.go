package upgrade

import (
	"context"
	"errors"
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
		{"failing", Limits{Errors: new(0.05)}, []string{FoundSlow}},
		{"failing", Limits{Errors: new(0.0)}, []string{FoundSlow}}, // None may fail, which is a limit, too.
		{"", Limits{Errors: new(0.5)}, nil},
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

// After the whole switch green is watched, too: when it breaks its limits everything goes back, no
// revocation is lost at blue, no refresh token that was used lives, and what green had issued is told.
func TestBrokenGreenGoesBack(t *testing.T) {
	for _, test := range []struct {
		fault string
		watch Limits
		want  []string
	}{
		{"slow", Limits{P99: 10 * time.Millisecond}, []string{FoundSlow}},
		{"", Limits{P99: 10 * time.Second, Errors: new(0.9)}, nil},
	} {
		r := newRehearsal(t, test.fault)
		mix := map[Operation]float64{OpIssue: 5, OpIntrospect: 2, OpRefresh: 1, OpRevoke: 1}
		r.Load = Load{Rate: 500, Mix: mix, Seed: 1, Watch: test.watch}
		r.Window = 200 * time.Millisecond
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if names := faultsOf(t, got); !slices.Equal(names, test.want) {
			t.Errorf("%q: found %q; want %q\n%+v", test.fault, names, test.want, got.Findings)
		}
		if back := test.want != nil; (named(got, FoundGoneBack).Wrong > 0) != back || r.wentBack != back {
			t.Errorf("%q: back %t, %+v", test.fault, r.wentBack, got.Findings)
		}
	}
}

// What was ended at green, and what was refreshed there, is dead at blue when everything goes back; what
// nobody touched lives.
func TestGoingBackLosesNoRevocation(t *testing.T) {
	ctx, r := t.Context(), newRehearsal(t)
	if err := r.makeBefore(ctx); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{r.copy, r.startGreen} {
		if err := step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r.load = &running{r: r, slots: make(chan struct{}, mostUnderWay)}
	r.Load.Watch = Limits{P99: time.Second}
	r.phase.set(AfterSwitch)
	allToGreen(r)
	var all []*session
	for _, s := range allSessions(r) {
		if s.Sort == kept && len(all) < 3 {
			all = append(all, s)
		}
	}
	revoked, refreshed, left := all[0], all[1], all[2]
	used := refreshed.Grant
	if err := errors.Join(r.end(ctx, revoked, byToken), r.refresh(ctx, refreshed)); err != nil {
		t.Fatal(err)
	}
	if err := backFromGreen(ctx, r); err != nil {
		t.Fatal(err)
	}
	r.load = nil
	for token, want := range map[string]bool{revoked.Grant.Access: false, revoked.Grant.Refresh: false,
		used.Access: false, used.Refresh: false, left.Grant.Access: true, left.Grant.Refresh: true} {
		if got, err := r.Blue.Active(ctx, token); got != want || err != nil {
			t.Errorf("%s is active at blue %t, %v; want %t", token, got, err, want)
		}
	}
	if r.to.Ask(Blue) != Blue || r.to.Ready() {
		t.Error("not everything is at blue")
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
