package upgrade

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// witnessOf watches the rows of a fake.
func witnessOf(u *fakeUpgrade, blind bool) *Witness {
	begun := 0
	return &Witness{
		Begin: func(context.Context) error {
			u.blue.mu.Lock()
			defer u.blue.mu.Unlock()
			begun = len(u.blue.rows)
			return nil
		},
		End:   func(context.Context) error { return nil },
		Marks: func(token string) []string { return []string{token} },
		Changes: func(context.Context) ([]RowChange, error) {
			u.blue.mu.Lock()
			defer u.blue.mu.Unlock()
			if blind {
				return nil, nil
			}
			return slices.Clone(u.blue.rows[begun:]), nil
		},
		Replay: func(_ context.Context, end RowEnd) error {
			u.copied.mu.Lock()
			defer u.copied.mu.Unlock()
			for _, mark := range end.Marks {
				if g := u.copied.grants[mark]; g != nil {
					g.dead = true
				}
			}
			return nil
		},
	}
}

// What no request of the front tells is seen in blue's rows and replayed by them: chains killed by a
// second use, and what was revoked around the front. Who does not look there lets it come back.
func TestRowsTellWhatTheJournalDoesNot(t *testing.T) {
	for blind, want := range map[bool][]string{false: nil, true: {FoundResurrected}} {
		for _, rate := range []float64{0, 500} {
			r := newRehearsal(t)
			u := &fakeUpgrade{blue: r.Blue.(*fakeServer), faults: map[string]bool{}}
			r.Upgrade = u.steps()
			r.Upgrade.Witness = witnessOf(u, blind)
			r.Load, r.Window = Load{Rate: rate, Mix: DefaultMix(), Seed: 1}, 50*time.Millisecond
			got, err := r.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if names := faultsOf(t, got); !slices.Equal(names, want) {
				t.Errorf("blind %t, rate %g: found %q; want %q\n%+v", blind, rate, names, want, got.Findings)
			}
			w := got.Witnessed
			if w == nil {
				t.Fatal("nothing is said of what rows told")
			}
			if seen := w.RowsOnly == 2*r.Twins && w.Ended > 0 && w.Rotated > 0; seen == blind {
				t.Errorf("blind %t, rate %g: %+v; want both of %d told by rows alone", blind, rate, *w, r.Twins)
			}
			// What the journal has of a second use changed no row by that token.
			if !blind && rate == 0 && (w.JournalOnly != r.Twins || w.Both == 0) {
				t.Errorf("%+v; want %d that only the journal has", *w, r.Twins)
			}
		}
	}
}

// A server may end a grant in two transactions, and the copy have the first alone: what is left of the grant lives at
// green, and the replay by its token finds that ended. Blue's rows tell of it; who does not look there ends what was
// asked for under the copy by green's rows, and else it lives.
func TestRevocationThatIsHalfInTheCopy(t *testing.T) {
	for by, want := range map[string][]string{"watched": nil, "halves": nil, "": {FoundResurrected}} {
		r := newRehearsal(t)
		u := &fakeUpgrade{blue: r.Blue.(*fakeServer), faults: map[string]bool{}}
		r.Upgrade = u.steps()
		switch by {
		case "watched":
			r.Upgrade.Witness = witnessOf(u, false)
		case "halves":
			r.Halves = func(ctx context.Context, entry journal.Entry) error {
				return u.copied.RevokeToken(ctx, Client{}, entry.Token)
			}
		}
		half := ""
		r.Upgrade.Copy = func(ctx context.Context) error {
			for _, s := range allSessions(r) {
				if half == "" && s.Sort == kept && slices.Contains(s.Asks, AfterSwitch) {
					half = s.Grant.Refresh
					if err := r.end(ctx, s, byToken); err != nil {
						return err
					}
				}
			}
			u.copy()
			u.copied.grants[half].dead = false
			return nil
		}
		r.Replay = func(ctx context.Context, green Side, entry journal.Entry) error {
			if entry.Token == half {
				return nil // it has ended, says green
			}
			return Replay(ctx, green, entry)
		}
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if names := faultsOf(t, got); !slices.Equal(names, want) {
			t.Errorf("by %q: found %q; want %q\n%+v", by, names, want, got.Findings)
		}
	}
}

// A token that ends beside its successor was exchanged; the transactions that end one grant are one end.
func TestEndsOfChanges(t *testing.T) {
	changes := []RowChange{
		{Transaction: 1, Made: true, Mark: "r2", Grant: "g"}, {Transaction: 1, Mark: "a1", Grant: "g"},
		{Transaction: 1, Mark: "r1", Grant: "g"},
		{Transaction: 2, Mark: "own"}, {Transaction: 2, Mark: "other"}, // of no grant
		{Transaction: 3, Made: true, Mark: "r3", Grant: "g"}, {Transaction: 3, Mark: "r2", Grant: "g"},
		{Transaction: 4, Mark: "r3", Grant: "g"}, {Transaction: 5, Mark: "r9", Grant: "h"},
		{Transaction: 6, Mark: "a3", Grant: "g"},
	}
	want := []RowEnd{
		{Grant: "g", Marks: []string{"a1", "r1"}, Rotated: true}, {Marks: []string{"own"}}, {Marks: []string{"other"}},
		{Grant: "g", Marks: []string{"r2"}, Rotated: true}, {Grant: "g", Marks: []string{"r3", "a3"}},
		{Grant: "h", Marks: []string{"r9"}},
	}
	if got := endsOf(changes); !reflect.DeepEqual(got, want) {
		t.Errorf("ends = %+v; want %+v", got, want)
	}
}

// An entry is known in rows by its token, its client or its user; what no entry asked for is missed.
func TestCompared(t *testing.T) {
	since := time.Unix(100, 0)
	entries := []journal.Entry{
		{At: since.Add(-1), Act: journal.RevokeToken, Token: "before"}, {At: since, Act: journal.Rotate, Token: "r1"},
		{At: since, Act: journal.DeleteClient, Client: "c"}, {At: since, Act: journal.RevokeConsent, Subject: "s"},
		{At: since, Act: journal.RevokeToken, Token: "nothing"},
	}
	ends := []RowEnd{
		{Marks: []string{"before"}}, {Marks: []string{"a1", "r1"}, Rotated: true}, {Client: "c", Marks: []string{"x"}},
		{Subject: "s", Marks: []string{"y"}}, {Client: "c", Marks: []string{"z"}, Rotated: true}, {Client: "d"},
	}
	got, missed := compared(ends, entries, since, func(token string) []string { return []string{token} })
	want := Witnessed{Rotated: 2, Ended: 4, Both: 4, RowsOnly: 2, Entries: 4, JournalOnly: 1}
	if got != want || !reflect.DeepEqual(missed, ends[4:]) {
		t.Errorf("%+v, missed %+v; want %+v and the last two", got, missed, want)
	}
}
