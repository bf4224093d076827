package upgrade

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

// fakeServer is an authorization server in memory, with the planted faults of a test.
type fakeServer struct {
	faults map[string]bool
	grants map[string]*fakeGrant // by each of its tokens
	made   int
	name   string
}

type fakeGrant struct {
	subject         string
	access, refresh string
	dead, migrated  bool
	used            map[string]bool
}

func newFake(name string, faults map[string]bool) *fakeServer {
	return &fakeServer{faults: faults, grants: map[string]*fakeGrant{}, name: name}
}

func (f *fakeServer) Issue(_ context.Context, subject string) (Grant, error) {
	f.made++
	g := &fakeGrant{subject: subject, used: map[string]bool{}, access: fmt.Sprintf("%s-a%d", f.name, f.made),
		refresh: fmt.Sprintf("%s-r%d", f.name, f.made)}
	f.grants[g.access], f.grants[g.refresh] = g, g
	return Grant{g.access, g.refresh}, nil
}

func (f *fakeServer) Active(_ context.Context, token string) (bool, error) {
	g := f.grants[token]
	return g != nil && !g.dead && !g.used[token] && !(f.faults["unreadable"] && g.migrated), nil
}

func (f *fakeServer) Refresh(_ context.Context, refresh string) (Grant, error) {
	g := f.grants[refresh]
	if g == nil || g.dead || g.used[refresh] {
		return Grant{}, errors.New("invalid_grant")
	}
	f.made++
	g.used[refresh] = true
	g.refresh = fmt.Sprintf("%s-r%d", f.name, f.made)
	f.grants[g.refresh] = g
	return Grant{g.access, g.refresh}, nil
}

func (f *fakeServer) RevokeToken(_ context.Context, token string) error {
	if g := f.grants[token]; g != nil && !(f.faults["dead door"] && g.migrated) {
		g.dead = true
	}
	return nil
}

func (f *fakeServer) RevokeConsent(_ context.Context, subject string) error {
	if f.faults["no consents"] {
		return errors.ErrUnsupported
	}
	for _, g := range f.grants {
		if g.subject == subject && !(f.faults["dead consent door"] && g.migrated) {
			g.dead = true
		}
	}
	return nil
}

// fakeUpgrade copies, and migrates with faults.
type fakeUpgrade struct {
	blue, copied *fakeServer
	faults       map[string]bool
}

func (u *fakeUpgrade) Copy(context.Context) error {
	u.copied = newFake("green", u.faults)
	same := map[*fakeGrant]*fakeGrant{}
	for token, g := range u.blue.grants {
		if same[g] == nil {
			clone := *g
			clone.used, clone.migrated = maps.Clone(g.used), true
			same[g] = &clone
		}
		u.copied.grants[token] = same[g]
	}
	return nil
}

func (u *fakeUpgrade) Migrate(context.Context) error {
	if u.faults["fails"] {
		return errors.New("invalid input syntax")
	}
	for _, g := range u.copied.grants {
		switch {
		case u.faults["resurrects"]:
			g.dead = false
		case u.faults["invalidates"]:
			g.dead = true
		case u.faults["loses subject"]:
			g.subject = ""
		case u.faults["forgets use"]:
			g.used = map[string]bool{}
		}
	}
	return nil
}

func (u *fakeUpgrade) Start(context.Context) (Side, error) { return u.copied, nil }

func (u *fakeUpgrade) CleanUp(context.Context) error {
	for _, g := range u.copied.grants {
		g.dead = g.dead || u.faults["greedy clean-up"]
	}
	return nil
}

// rehearse runs one with the faults named, and gives what was found.
func rehearse(t *testing.T, faults ...string) (Result, error) {
	t.Helper()
	set := map[string]bool{}
	for _, name := range faults {
		set[name] = true
	}
	blue := newFake("blue", map[string]bool{"no consents": set["no consents"]})
	r := &Rehearsal{
		Blue: blue, Upgrade: &fakeUpgrade{blue: blue, faults: set}, Twins: 3,
		Journal: openJournal(t, filepath.Join(t.TempDir(), "journal")),
	}
	return r.Run(t.Context())
}

// Each fault is one finding, by its name, and a right upgrade has none but the window.
func TestFindings(t *testing.T) {
	for _, test := range []struct {
		fault string
		want  []string // of faults
	}{
		{"", nil},
		{"no consents", nil},
		{"resurrects", []string{FoundResurrected}},
		{"invalidates", []string{FoundLost}},
		{"unreadable", []string{FoundLost}},
		{"loses subject", []string{FoundDeadDoor}},
		{"forgets use", []string{FoundUsedAlive}},
		{"dead door", []string{FoundDeadDoor}},
		{"dead consent door", []string{FoundDeadDoor}},
		{"greedy clean-up", []string{FoundCleanedUp}},
	} {
		got, err := rehearse(t, test.fault)
		if err != nil {
			t.Errorf("%s: %v", test.fault, err)
			continue
		}
		var names []string
		for _, f := range got.Findings {
			if f.Wrong < 1 || f.Wrong > f.Of || f.Text == "" {
				t.Errorf("%s: %+v; want some of those asked", test.fault, f)
			}
			if f.Fault() {
				names = append(names, f.Name)
			}
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: found %q; want %q\n%+v", test.fault, names, test.want, got.Findings)
		}
		if got.Captured == 0 || got.Captured != got.Replayed {
			t.Errorf("%s: captured %d, replayed %d; want all", test.fault, got.Captured, got.Replayed)
		}
		for _, line := range got.Lines {
			if line.Of == 0 {
				t.Errorf("%s: a line of nothing: %+v", test.fault, line)
			}
		}
	}
}

// What was issued after the copy is told as the announced loss, with its denominator.
func TestWindowIsNoFault(t *testing.T) {
	got, err := rehearse(t)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 1 || got.Findings[0].Name != FoundWindow || got.Findings[0].Of != 6 ||
		got.Findings[0].Wrong != 6 {
		t.Errorf("findings = %+v; want the two tokens of three sessions of the window", got.Findings)
	}
}

// A migration that fails ends the rehearsal by its step, with the steps before it.
func TestFailedStepIsNamed(t *testing.T) {
	got, err := rehearse(t, "fails")
	if err == nil || err.Error() != "migrate the copy: invalid input syntax" || len(got.Steps) != 3 {
		t.Errorf("%v after %+v; want the step by its name, after three", err, got.Steps)
	}
}

// A replay that leaves an entry out is found in the ledger, whatever green answered.
func TestDroppedEntryIsFound(t *testing.T) {
	blue := newFake("blue", nil)
	r := &Rehearsal{Blue: blue, Upgrade: &fakeUpgrade{blue: blue}, Twins: 3,
		Journal: openJournal(t, filepath.Join(t.TempDir(), "journal"))}
	r.Say = func(step string) {
		if step != "replay the journal at green" {
			return
		}
		for _, entry := range r.Journal.Pending() {
			if entry.Act == RevokeToken {
				if err := r.Journal.Replayed(entry.Number); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
	got, err := r.Run(t.Context())
	if err != nil || len(got.Findings) == 0 || got.Findings[0].Name != FoundResurrected || got.Findings[0].Wrong != 2 {
		t.Errorf("%v, findings = %+v; want the two tokens of the session that was left out", err, got.Findings)
	}
}
