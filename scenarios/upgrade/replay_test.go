package upgrade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// replaying is a rehearsal whose journal has entries of several users, and deletions of clients among
// them, with what green was asked for in order.
func replaying(t *testing.T, do func(journal.Entry) error) (r *Rehearsal, asked func() []journal.Entry) {
	t.Helper()
	var mu sync.Mutex
	var all []journal.Entry
	r = newRehearsal(t)
	r.Replay = func(_ context.Context, _ Side, entry journal.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		if err := do(entry); err != nil {
			return err
		}
		all = append(all, entry)
		return nil
	}
	for i := range 60 {
		entry := journal.Entry{Act: journal.RevokeToken, Subject: fmt.Sprint("user ", i%7),
			Client: fmt.Sprint("client ", i%3)}
		if i%20 == 13 {
			entry.Act, entry.Subject = journal.DeleteClient, ""
		}
		if _, err := r.Journal.Append(entry); err != nil {
			t.Fatal(err)
		}
	}
	return r, func() []journal.Entry {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// Each user's entries reach green in their order, also when green refuses some for a moment, and a
// client is deleted after all that came before and before all that came later.
func TestReplayKeepsOrder(t *testing.T) {
	refused := map[int]bool{}
	r, asked := replaying(t, func(e journal.Entry) error {
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
		if e.Number < last[e.Subject] || e.Act == journal.DeleteClient && e.Number != i+1 || e.Number < most {
			t.Errorf("entry %d of %s came at place %d", e.Number, e.Subject, i+1)
		}
		last[e.Subject] = e.Number
		if e.Act == journal.DeleteClient {
			most = e.Number
		}
	}
}

// A replay that ends half-way goes on with what is left, and does nothing twice that it has noted.
func TestReplayGoesOn(t *testing.T) {
	broken := true
	r, asked := replaying(t, func(e journal.Entry) error {
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

// A step asks again where a connection broke: what ends a session may be asked for twice, and so may introspection.
func TestStepsAskAgain(t *testing.T) {
	r := newRehearsal(t)
	flaky := &flakySide{Side: r.Blue, broken: map[string]bool{}, of: func(token string) bool {
		return slices.ContainsFunc(allSessions(r), func(s *session) bool {
			return token == s.Grant.Access || token == s.Grant.Refresh || token == s.Spent
		})
	}}
	r.Blue = flaky
	got, err := r.Run(t.Context())
	if err != nil || flaky.broke == 0 {
		t.Fatalf("%v, %d broke", err, flaky.broke)
	}
	if names := faultsOf(t, got); len(names) > 0 || got.Captured != got.Replayed {
		t.Errorf("found %q, replayed %d of %d; want nothing, and all", names, got.Replayed, got.Captured)
	}
}

// flakySide breaks off each first introspection of some tokens, and each first revocation of a consent.
type flakySide struct {
	Side
	of     func(token string) bool
	mu     sync.Mutex
	broken map[string]bool
	broke  int
}

func (f *flakySide) breaks(thing string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken[thing] {
		return nil
	}
	f.broken[thing] = true
	f.broke++
	return io.EOF
}

func (f *flakySide) Active(ctx context.Context, token string) (bool, error) {
	if f.of(token) {
		if err := f.breaks(token); err != nil {
			return false, err
		}
	}
	return f.Side.Active(ctx, token)
}

func (f *flakySide) RevokeConsent(ctx context.Context, subject string) error {
	if err := f.breaks(subject); err != nil {
		return err
	}
	return f.Side.RevokeConsent(ctx, subject)
}

// No more entries leave in a second than were asked for.
func TestReplayIsPaced(t *testing.T) {
	r, asked := replaying(t, func(journal.Entry) error { return nil })
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

// A replay that leaves out changes of clients is found by what old and new secrets and rights are worth.
func TestChangesOfClientsAreReplayed(t *testing.T) {
	for dropped, want := range map[journal.Act][]string{
		"": nil, journal.SetSecret: {FoundOldSecret, FoundLockedOut}, journal.SetRight: {FoundOldRight, FoundNoRight},
	} {
		r := newRehearsal(t)
		r.Replay = func(ctx context.Context, green Side, entry journal.Entry) error {
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
		for _, name := range want {
			all := r.Twins
			if dropped == journal.SetRight {
				all *= len(r.Blue.Rights())
			}
			f := named(got, name)
			if f.Wrong != all || dropped == journal.SetRight && !strings.Contains(f.Text, "(audience, scope)") {
				t.Errorf("%+v; want all %d", f, all)
			}
		}
	}
}

// What has expired is not asked about: no version would take it.
func TestExpiredThingsAreNotAskedAbout(t *testing.T) {
	for lives, want := range map[time.Duration]bool{0: true, time.Nanosecond: false, time.Hour: true} {
		r := newRehearsal(t, "forgets secrets")
		r.Blue = &shortLived{r.Blue, lives}
		start := r.Upgrade.Start
		r.Upgrade.Start = func(ctx context.Context) (Side, error) {
			green, err := start(ctx)
			return &shortLived{green, lives}, err
		}
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found := named(got, FoundKind+"secret").Of > 0; found != want {
			t.Errorf("things that live %s: found %t; want %t", lives, found, want)
		}
	}
}

// shortLived has things that are good for a time.
type shortLived struct {
	Side
	lives time.Duration
}

func (s *shortLived) Probes() (all []Probe) {
	for _, p := range s.Side.Probes() {
		p.Lives = s.lives
		all = append(all, p)
	}
	return all
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
			if s.Sort == kept && killed < 2 || s.Sort == refreshedInWindow && killed == 2 { // which will be refused
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
	f, notes := named(got, FoundUnfit), 0
	for _, x := range got.Findings {
		if x.Name == FoundUnfit {
			notes++
		}
	}
	if names := faultsOf(t, got); !slices.Equal(names, []string{FoundKind + "login under way"}) ||
		f.Wrong != 2*killed ||
		killed != 3 || notes != 2 {
		t.Errorf("found %q, %+v, %d notes; want nothing of the %d sessions that were dead before, and that one "+
			"was refused",
			names, f, notes, killed)
	}
}
