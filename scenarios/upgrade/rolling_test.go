package upgrade

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// shared has the upgrade of a rehearsal happen on blue's own database: green is another server with
// blue's grants and things.
func shared(r *Rehearsal, strategy Strategy) (blue *fakeServer) {
	blue = r.Blue.(*fakeServer)
	r.Strategy = strategy
	r.Upgrade.Copy, r.Upgrade.Migrate, r.Upgrade.CleanUp = nil, nil, nil
	r.Upgrade.Start = func(context.Context) (Side, error) {
		green := newFake("green", map[string]bool{})
		green.grants, green.things, green.gone = blue.grants, blue.things, blue.gone
		green.secrets, green.rights = blue.secrets, blue.rights
		return green, nil
	}
	r.Upgrade.StopBlue = func(context.Context) error { return nil }
	return blue
}

// In a rolling update two instances of the old version are asked first, both versions serve until
// everything is at green, and rows are looked at when blue has written its last.
func TestRollingKeepsItsOrder(t *testing.T) {
	r := newRehearsal(t)
	shared(r, Rolling)
	var did []string
	note := func(what string) { did = append(did, what) }
	r.Upgrade.Twin = func(context.Context, Side) error { note("twin"); return nil }
	r.Upgrade.Migrate = []Task{{Name: "migrate", Do: func(context.Context) error { note("migrate"); return nil }}}
	r.Upgrade.Together = func(_ context.Context, blue, green Side) ([]Finding, error) {
		if note("together"); blue == green || green == nil {
			t.Errorf("%v and %v; want both sides", blue, green)
		}
		return []Finding{{Name: "split", Of: 2, Wrong: 1, Text: "of two"}}, nil
	}
	r.Upgrade.StopBlue = func(context.Context) error {
		if note("stop"); r.to.Ask(Blue) != Green {
			t.Error("blue ends while it is asked")
		}
		return nil
	}
	r.Upgrade.Examine = func(context.Context) ([]Check, error) { note("examine"); return nil, nil }
	r.Upgrade.Inquiries = []Inquiry{{Name: "look", Do: func(_ context.Context, green Side) ([]Finding, error) {
		note("look")
		return []Finding{{Name: "seen", Of: 1, Wrong: 1, Text: "it", Note: true}}, nil
	}}}
	got, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"twin", "migrate", "together", "stop", "examine", "look"}
	if !slices.Equal(did, want) {
		t.Errorf("did %q; want %q", did, want)
	}
	if names := faultsOf(t, got); !slices.Equal(names, []string{"split"}) || named(got, "seen").Of != 1 {
		t.Errorf("found %+v; want the split as a fault, and what was seen", got.Findings)
	}
}

// What blue issues once its database is migrated under it is asked about at green; where it issues
// nothing, that is found.
func TestIssuedOnTheMigratedDatabase(t *testing.T) {
	r := newRehearsal(t)
	blue := shared(r, InPlace)
	before := 0
	r.Upgrade.Migrate = []Task{{Name: "migrate", Do: func(context.Context) error { before = blue.made; return nil }}}
	got, err := r.Run(t.Context())
	if err != nil || len(faultsOf(t, got)) != 0 || blue.made == before {
		t.Errorf("%+v, %v; want no fault, and grants of blue after its migration", got.Findings, err)
	}
	r = newRehearsal(t)
	blue = shared(r, InPlace)
	r.Upgrade.Migrate = []Task{{Name: "migrate", Do: func(context.Context) error {
		blue.faults["failing"] = true
		return nil
	}}}
	r.Upgrade.StopBlue = func(context.Context) error { blue.faults["failing"] = false; return nil }
	got, err = r.Run(t.Context())
	if err != nil || !slices.Equal(faultsOf(t, got), []string{FoundBroken}) ||
		named(got, FoundBroken).Wrong != r.Twins {
		t.Errorf("%+v, %v; want that blue fails on the migrated database", got.Findings, err)
	}
}

// Going back on green's database is said to be possible when the old version takes what green has made;
// things that it does not take are told by their kind, but those that any restart loses.
func TestWayBackOnTheSameDatabase(t *testing.T) {
	for _, forgets := range []bool{false, true} {
		r := newRehearsal(t)
		blue := shared(r, StopTheWorld)
		r.Upgrade.WayBack = func(context.Context) (Side, func(context.Context) error, error) {
			old := newFake("old", map[string]bool{"forgets secrets": forgets})
			old.grants, old.gone, old.things = blue.grants, blue.gone, blue.things
			return old, func(context.Context) error { return nil }, nil
		}
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		back := named(got, FoundWayBack)
		if back.Of != r.Twins || back.Fault() || !strings.Contains(back.Text, "3 of 3") {
			t.Errorf("%+v; want that the old version takes what green has issued", got.Findings)
		}
		lost := named(got, FoundLostBack+"secret")
		if (lost.Wrong == r.Twins) != forgets || named(got, FoundLostBack+"login under way").Of != 0 {
			t.Errorf("forgets %v: %+v", forgets, got.Findings)
		}
	}
}

// While blue's database is migrated under it its oldest sessions are refreshed, and its rows are looked
// at when it has written more.
func TestBlueGoesOnInPlace(t *testing.T) {
	r := newRehearsal(t)
	blue := r.Blue.(*fakeServer)
	ended := make(chan struct{})
	r.Upgrade.InPlace = func(ctx context.Context) error {
		for { // until a session that was made first was refreshed
			blue.mu.Lock()
			for _, g := range blue.grants {
				if !g.migrated && len(g.used) > 1 {
					blue.mu.Unlock()
					close(ended)
					return nil
				}
			}
			blue.mu.Unlock()
			if err := sleep(ctx, 1); err != nil {
				return err
			}
		}
	}
	asked := 0
	r.Upgrade.InPlaceRows = func(context.Context) ([]Check, error) {
		<-ended
		asked++
		return []Check{{Name: "rows", Rows: 3, Of: 4, Means: "are wrong", Fault: true}}, nil
	}
	got, err := r.Run(t.Context())
	if err != nil || asked != 1 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
	if goes := named(got, FoundUndisturbed); goes.Of == 0 || goes.Fault() {
		t.Errorf("%+v; want that blue goes on", got.Findings)
	}
	if rows := named(got, FoundRows+"rows"); rows.Wrong != 3 || rows.Fault() ||
		!strings.Contains(rows.Text, "in place") {
		t.Errorf("%+v; want the rows that blue has written in place, as a note", got.Findings)
	}
}
