package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// replaying is a rehearsal whose journal has entries of several users, and deletions of clients among
// them, with what green was asked for in order.
func replaying(t *testing.T, do func(Entry) error) (r *Rehearsal, asked func() []Entry) {
	t.Helper()
	var mu sync.Mutex
	var all []Entry
	r = newRehearsal(t)
	r.Replay = func(_ context.Context, _ Side, entry Entry) error {
		mu.Lock()
		defer mu.Unlock()
		if err := do(entry); err != nil {
			return err
		}
		all = append(all, entry)
		return nil
	}
	for i := range 60 {
		entry := Entry{Act: RevokeToken, Subject: fmt.Sprint("user ", i%7), Client: fmt.Sprint("client ", i%3)}
		if i%20 == 13 {
			entry.Act, entry.Subject = DeleteClient, ""
		}
		if _, err := r.Journal.Append(entry); err != nil {
			t.Fatal(err)
		}
	}
	return r, func() []Entry {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// Each user's entries reach green in their order, also when green refuses some for a moment, and a
// client is deleted after all that came before and before all that came later.
func TestReplayKeepsOrder(t *testing.T) {
	refused := map[int]bool{}
	r, asked := replaying(t, func(e Entry) error {
		if e.Number%9 == 1 && !refused[e.Number] {
			refused[e.Number] = true
			return errors.New("not now")
		}
		return nil
	})
	if err := replayJournal(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	got := asked()
	if len(got) != 60 || len(r.Journal.Pending()) != 0 {
		t.Fatalf("%d entries were replayed, %d are pending; want all", len(got), len(r.Journal.Pending()))
	}
	last := map[string]int{}
	most := 0
	for i, e := range got {
		if e.Number < last[e.Subject] || e.Act == DeleteClient && e.Number != i+1 || e.Number < most {
			t.Errorf("entry %d of %s came at place %d", e.Number, e.Subject, i+1)
		}
		last[e.Subject] = e.Number
		if e.Act == DeleteClient {
			most = e.Number
		}
	}
}

// A replay that ends half-way goes on with what is left, and does nothing twice that it has noted.
func TestReplayGoesOn(t *testing.T) {
	broken := true
	r, asked := replaying(t, func(e Entry) error {
		if broken && e.Number == 31 {
			return errors.New("green is gone")
		}
		return nil
	})
	if err := replayJournal(t.Context(), r); err == nil {
		t.Fatal("a replay of what green refuses ends well")
	}
	broken = false
	if err := replayJournal(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	numbers := map[int]int{}
	for _, e := range asked() {
		numbers[e.Number]++
	}
	for n := range 60 {
		if numbers[n+1] != 1 {
			t.Errorf("entry %d was replayed %d times", n+1, numbers[n+1])
		}
	}
}

// No more entries leave in a second than were asked for.
func TestReplayIsPaced(t *testing.T) {
	r, asked := replaying(t, func(Entry) error { return nil })
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		r.ReplayRate = 10
		if err := replayJournal(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if took, least := time.Since(begun), 5*time.Second; took < least || len(asked()) != 60 {
			t.Errorf("%d entries took %s; want 60, and %s at least", len(asked()), took, least)
		}
	})
}

// A replay that leaves out changes of clients is found by what the old and the new secret are worth.
func TestSecretsAreReplayed(t *testing.T) {
	for dropped, want := range map[Act][]string{"": nil, SetSecret: {FoundOldSecret, FoundLockedOut}} {
		r := newRehearsal(t)
		r.Replay = func(ctx context.Context, green Side, entry Entry) error {
			if entry.Act == dropped {
				return nil
			}
			return Replay(ctx, green, entry)
		}
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if names := faultsOf(t, got); !slices.Equal(names, want) {
			t.Errorf("without %q: found %q; want %q", dropped, names, want)
		}
		if f := named(got, FoundOldSecret); want != nil && f.Wrong != r.Twins {
			t.Errorf("%+v; want all %d", f, r.Twins)
		}
	}
}

// What blue's rows have lost before the upgrade is told, and not held against it.
func TestChangedRowsAreExcused(t *testing.T) {
	r := newRehearsal(t)
	blue, killed := r.Blue.(*fakeServer), 0
	r.Control = false
	r.Upgrade.Changed = true
	r.Upgrade.Prepare = []Task{{Name: "change rows", Do: func(context.Context) error {
		blue.mu.Lock()
		defer blue.mu.Unlock()
		for _, s := range r.sessions {
			if s.Sort == kept && killed < 2 {
				blue.grants[s.Grant.Access].dead = true
				killed++
			}
		}
		return nil
	}}}
	got, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := named(got, FoundUnfit)
	if names := faultsOf(t, got); !slices.Equal(names, []string{FoundKind + "login under way"}) || f.Wrong != 2*killed {
		t.Errorf("found %q, %+v; want nothing of the %d sessions that were dead before", names, f, killed)
	}
}
