package upgrade

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// fakeServer is an authorization server in memory, with the planted faults of a test.
type fakeServer struct {
	mu     sync.Mutex
	faults map[string]bool
	grants map[string]*fakeGrant // by each of its tokens
	gone   map[string]bool       // clients
	things map[string]bool       // alive

	secrets map[string]string // that were set, by client
	rights  map[string]string // likewise
	made    int
	name    string
	rows    []RowChange // of its tokens, in order

	transaction int64
}

// tell adds changes of rows to the transaction under way.
func (f *fakeServer) tell(g *fakeGrant, made bool, tokens ...string) {
	for _, token := range tokens {
		f.rows = append(f.rows, RowChange{Transaction: f.transaction, At: time.Now(), Made: made, Mark: token,
			Grant:  g.name,
			Client: g.client, Subject: g.subject})
	}
}

// end ends a grant, in two transactions, as servers do.
func (f *fakeServer) end(g *fakeGrant) {
	if g.dead {
		return
	}
	g.dead = true
	f.tell(g, false, g.access)
	f.transaction++
	if g.refresh != "" {
		f.tell(g, false, g.refresh)
	}
	f.transaction++
}

type fakeGrant struct {
	name            string
	subject, client string
	access, refresh string
	dead, migrated  bool
	used            map[string]bool
}

func newFake(name string, faults map[string]bool) *fakeServer {
	return &fakeServer{faults: faults, grants: map[string]*fakeGrant{}, gone: map[string]bool{},
		things: map[string]bool{}, secrets: map[string]string{}, rights: map[string]string{}, name: name}
}

func (f *fakeServer) next(what string) string {
	f.made++
	return fmt.Sprintf("%s-%s%d", f.name, what, f.made)
}

func (f *fakeServer) Register(context.Context) (Client, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Client{f.next("c"), "secret"}, nil
}

// asked is what a slow server does first, and a failing one instead of what it makes.
func (f *fakeServer) asked(makes bool) error {
	if f.faults["slow"] {
		time.Sleep(30 * time.Millisecond)
	}
	if makes && f.faults["failing"] {
		return errors.New("server error")
	}
	return nil
}

// SetSecret and Knows are about secrets that were set: until then each client's is right.
func (f *fakeServer) SetSecret(_ context.Context, c Client) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.secrets[c.ID] = c.Secret
	return nil
}

func (f *fakeServer) Knows(_ context.Context, c Client) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults["locks out"] {
		return false, nil
	}
	return cmp.Or(f.secrets[c.ID], "secret") == c.Secret, nil
}

func (f *fakeServer) Rights() []Right {
	return []Right{{"scope", "scope a", "scope b"}, {"audience", "audience a", "audience b"}}
}

// SetRight and MayUse are about the one right that a client was given.
func (f *fakeServer) SetRight(_ context.Context, c Client, right string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rights[c.ID] = right
	return nil
}

func (f *fakeServer) MayUse(_ context.Context, c Client, right string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rights[c.ID] == right, nil
}

func (f *fakeServer) Issue(_ context.Context, c Client, subject string) (Grant, error) {
	if err := f.asked(true); err != nil {
		return Grant{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g := &fakeGrant{subject: subject, client: c.ID, used: map[string]bool{}, access: f.next("a"), refresh: f.next("r")}
	g.name = g.access
	f.grants[g.access], f.grants[g.refresh] = g, g
	return Grant{g.access, g.refresh}, nil
}

func (f *fakeServer) IssueOwn(_ context.Context, c Client) (string, error) {
	if err := f.asked(true); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g := &fakeGrant{client: c.ID, access: f.next("a")}
	g.name = g.access
	f.grants[g.access] = g
	return g.access, nil
}

func (f *fakeServer) Active(_ context.Context, token string) (bool, error) {
	if err := f.asked(false); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.grants[token]
	alive := g != nil && !g.dead && !g.used[token] && !f.gone[g.client] &&
		(token == g.access || strings.Contains(token, "-r"))
	return alive && !(f.faults["unreadable"] && g.migrated), nil
}

func (f *fakeServer) Refresh(_ context.Context, _ Client, refresh string) (Grant, error) {
	if err := f.asked(false); err != nil {
		return Grant{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.grants[refresh]
	if g == nil || g.dead || g.used[refresh] {
		if g != nil && f.faults["kills chains"] {
			f.end(g)
		}
		return Grant{}, errors.New("invalid_grant")
	}
	f.tell(g, true, g.refresh)
	f.tell(g, false, g.access, g.refresh)
	f.transaction++
	g.used[refresh] = true
	g.access, g.refresh = f.next("a"), f.next("r")
	f.grants[g.access], f.grants[g.refresh] = g, g
	return Grant{g.access, g.refresh}, nil
}

func (f *fakeServer) RevokeToken(_ context.Context, _ Client, token string) error {
	if err := f.asked(false); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.grants[token]
	if g != nil && !g.used[token] && !(f.faults["dead door"] && g.migrated) {
		f.end(g)
	}
	return nil
}

func (f *fakeServer) RevokeConsent(_ context.Context, subject string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults["no consents"] {
		return errors.ErrUnsupported
	}
	if f.faults["failing consent door"] {
		return errors.New("500 Internal Server Error")
	}
	for _, g := range f.grants {
		if g.subject == subject && !(f.faults["dead consent door"] && g.migrated) {
			f.end(g)
		}
	}
	return nil
}

func (f *fakeServer) DeleteClient(_ context.Context, c Client) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone[c.ID] = !f.faults["dead client door"]
	for _, g := range f.grants {
		if g.client == c.ID && f.gone[c.ID] {
			f.end(g)
		}
	}
	return nil
}

// Probes are two kinds: a secret, which an upgrade may lose, and a login under way, which
// any restart loses.
func (f *fakeServer) Probes() []Probe {
	probe := func(kind Kind) Probe {
		return Probe{Kind: kind, Lost: "set it anew",
			Make: func(context.Context, string) (string, error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				name := f.next(string(kind))
				f.things[name] = true
				return name, nil
			},
			Ask: func(_ context.Context, name string) (bool, error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				return f.things[name] && !(f.faults["forgets secrets"] && kind == "secret"), nil
			},
		}
	}
	return []Probe{probe("secret"), probe("login under way")}
}

func (f *fakeServer) loseLogins() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.things {
		f.things[name] = !strings.Contains(name, "login")
	}
}

// fakeUpgrade copies, and migrates with faults.
type fakeUpgrade struct {
	blue, copied *fakeServer
	faults       map[string]bool
}

func (u *fakeUpgrade) steps() Upgrade {
	return Upgrade{
		Restart: func(context.Context) error { u.blue.loseLogins(); return nil },
		Copy:    func(context.Context) error { u.copy(); return nil },
		Migrate: []Task{{Name: "migrate the copy", Do: func(context.Context) error { return u.migrate() }}},
		Start: func(context.Context) (Side, error) {
			u.copied.loseLogins()
			return u.copied, nil
		},
		CleanUp: func(context.Context) error {
			for _, g := range u.copied.grants {
				g.dead = g.dead || u.faults["greedy clean-up"]
			}
			return nil
		},
	}
}

func (u *fakeUpgrade) copy() {
	u.blue.mu.Lock()
	defer u.blue.mu.Unlock()
	u.copied = newFake("green", u.faults)
	u.copied.gone, u.copied.things = maps.Clone(u.blue.gone), maps.Clone(u.blue.things)
	u.copied.secrets, u.copied.rights = maps.Clone(u.blue.secrets), maps.Clone(u.blue.rights)
	same := map[*fakeGrant]*fakeGrant{}
	for token, g := range u.blue.grants {
		if same[g] == nil {
			clone := *g
			clone.used, clone.migrated = maps.Clone(g.used), true
			same[g] = &clone
		}
		u.copied.grants[token] = same[g]
	}
}

func (u *fakeUpgrade) migrate() error {
	if u.faults["fails"] {
		return &MigrationFailed{errors.New("invalid input syntax")}
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

// catchUp gives the copy what it does not have of blue, as rows: grants that live, and new tokens of
// those that it has.
func (u *fakeUpgrade) catchUp() (rows int64) {
	u.blue.mu.Lock()
	defer u.blue.mu.Unlock()
	u.copied.mu.Lock()
	defer u.copied.mu.Unlock()
	same := map[*fakeGrant]*fakeGrant{} // of blue and of the copy
	for token, g := range u.blue.grants {
		if there := u.copied.grants[token]; there != nil && !there.dead {
			same[g] = there
		}
	}
	for token, g := range u.blue.grants {
		alive := !g.dead && !g.used[token] && !u.blue.gone[g.client]
		there := u.copied.grants[token] != nil && !u.copied.grants[token].dead
		if there || !alive || u.faults["forgetful catch-up"] && g.refresh == "" {
			continue
		}
		if same[g] == nil {
			clone := *g
			same[g] = &clone
		}
		same[g].access, same[g].refresh, same[g].used = g.access, g.refresh, maps.Clone(g.used)
		u.copied.grants[token] = same[g]
		rows++
	}
	return rows
}

func openJournal(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// newRehearsal is one of a fake, with the faults named.
func newRehearsal(t *testing.T, faults ...string) *Rehearsal {
	t.Helper()
	set := map[string]bool{}
	for _, name := range faults {
		set[name] = true
	}
	blue := newFake("blue", map[string]bool{"no consents": set["no consents"], "kills chains": true})
	u := &fakeUpgrade{blue: blue, faults: set}
	return &Rehearsal{
		Blue: blue, Upgrade: u.steps(), Twins: 3, Control: true,
		Journal: openJournal(t, filepath.Join(t.TempDir(), "journal")),
	}
}

// rehearse runs one with the faults named, and gives what was found.
func rehearse(t *testing.T, faults ...string) (Result, error) {
	t.Helper()
	return newRehearsal(t, faults...).Run(t.Context())
}

// faultsOf are the names of what stands against the upgrade.
func faultsOf(t *testing.T, result Result) (names []string) {
	t.Helper()
	for _, f := range result.Findings {
		if f.Wrong < 1 || f.Wrong > f.Of || f.Text == "" {
			t.Errorf("%+v; want some of those asked", f)
		}
		if f.Fault() {
			names = append(names, f.Name)
		}
	}
	return names
}

// named finds a finding.
func named(result Result, name string) (f Finding) {
	for _, f := range result.Findings {
		if f.Name == name {
			return f
		}
	}
	return Finding{}
}

// Each fault is one finding, by its name, and a right upgrade has none.
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
		{"failing consent door", []string{FoundFailedDoor}},
		{"greedy clean-up", []string{FoundCleanedUp}},
		{"locks out", []string{FoundLockedOut}},
		{"forgets secrets", []string{FoundKind + "secret"}},
		{"fails", []string{FoundMigration}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			got, err := rehearse(t, test.fault)
			if err != nil {
				t.Fatal(err)
			}
			if names := faultsOf(t, got); !slices.Equal(names, test.want) {
				t.Errorf("found %q; want %q\n%+v", names, test.want, got.Findings)
			}
			if test.fault != "fails" && (got.Captured == 0 || got.Captured != got.Replayed) {
				t.Errorf("captured %d, replayed %d; want all", got.Captured, got.Replayed)
			}
			for _, line := range got.Lines {
				if line.Of == 0 {
					t.Errorf("a line of nothing: %+v", line)
				}
			}
		})
	}
}

// What a restart of the old version loses as well is not the upgrade's fault; without the
// control it is held against it.
func TestControlIsSubtracted(t *testing.T) {
	for _, control := range []bool{true, false} {
		r := newRehearsal(t)
		r.Control = control
		got, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lost, excused := named(got, FoundKind+"login under way"), named(got, FoundControl)
		if (lost.Wrong == 0) != control || (excused.Wrong == 3) != control {
			t.Errorf("control %t: lost %+v, excused %+v", control, lost, excused)
		}
	}
}

// What was issued after the copy, by a user or a rotation, is told as the announced loss.
func TestWindowIsNoFault(t *testing.T) {
	got, err := rehearse(t)
	if err != nil {
		t.Fatal(err)
	}
	// Of three sessions two tokens and one of the client's own each, and two of three rotations.
	if window := named(got, FoundWindow); window.Of != 15 || window.Wrong != 15 || window.Fault() {
		t.Errorf("window = %+v; want 15 of 15", window)
	}
	if unplayed := named(got, FoundUnplayed); unplayed.Wrong != 9 || unplayed.Fault() {
		t.Errorf("unplayed = %+v; want both tokens of three that were revoked and one of three that were refreshed",
			unplayed)
	}
}

// A migration that fails ends the rehearsal by its step, with the steps before it.
func TestFailedMigrationIsNamed(t *testing.T) {
	got, err := rehearse(t, "fails")
	if err != nil || got.Failed != "migrate the copy" || named(got, FoundMigration).Text != "invalid input syntax" {
		t.Errorf("%v, failed %q, %+v; want the step by its name", err, got.Failed, got.Findings)
	}
}

// A copy that the rows do not allow is a finding, with what the database said; another that fails is none.
func TestFailedCopyIsNamed(t *testing.T) {
	for _, refused := range []bool{true, false} {
		r := newRehearsal(t)
		said := errors.New("it ended\nERROR: a row violates a constraint")
		r.Upgrade.Copy = func(context.Context) error {
			if refused {
				return &RowsRefused{said}
			}
			return said
		}
		got, err := r.Run(t.Context())
		f := named(got, FoundNoCopy)
		if (err == nil) != refused || (f.Wrong == 1) != refused || got.Failed != CopyStep ||
			refused && !strings.Contains(f.Text, "violates") {
			t.Errorf("refused %t: %v, failed %q, %+v", refused, err, got.Failed, f)
		}
	}
}

// Within a rehearsal the matrix is asked as by itself, also when it is resumed; what green does not do with its own,
// though nothing else stands against it, does.
func TestRehearsalHasTheMatrix(t *testing.T) {
	for _, fault := range []string{"", "dead door"} {
		r := newRehearsal(t, fault)
		want, err := Matrix(t.Context(), r.Blue, r.Upgrade, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		got, err := rehearse(t, fault)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Matrix, want) {
			t.Errorf("%q: %+v; want %+v", fault, got.Matrix, want)
		}
	}
	pairs := Pairs()
	for _, others := range []bool{false, true} {
		m := newAsking(newFake("blue", nil))
		for i, row := range m.rows {
			row.Answers[pairs[0]], row.Answers[pairs[2]] = Works, Works
			if i < 2 {
				row.Answers[pairs[2]] = Refused
			}
		}
		m.rows[2].Answers[pairs[0]], m.rows[2].Answers[pairs[2]] = Refused, Refused // not even blue's own
		minor := map[string]bool{m.rows[1].Question: true}
		found := m.conformance(minor, others)
		if len(found) != 2 || found[0].Fault() == others || found[1].Fault() || found[0].Wrong != 1 ||
			found[0].Of != len(m.rows)-2 || found[1].Of != 1 {
			t.Errorf("others %t: %+v; want the first by itself, and the minor as a note", others, found)
		}
	}
}

// A green that does not start by its own fault stands against the upgrade.
func TestGreenThatDoesNotStartIsNamed(t *testing.T) {
	r := newRehearsal(t)
	r.Upgrade.Start = func(context.Context) (Side, error) { return nil, &NotStarted{errors.New("panic")} }
	got, err := r.Run(t.Context())
	if err != nil || got.Failed != "start green" || named(got, FoundNoStart).Text != "panic" {
		t.Errorf("%v, failed %q, %+v; want the step by its name", err, got.Failed, got.Findings)
	}
}

// What keeps a step from being done, and is neither the migration nor the rows, says nothing of the upgrade:
// nothing is found, whatever was found until then.
func TestBrokenSurroundingsAreNoFinding(t *testing.T) {
	gone := errors.New("the engine is gone")
	fails := func(context.Context) error { return gone }
	for step, breaks := range map[string]func(*Upgrade){
		CopyStep:           func(u *Upgrade) { u.Copy = fails },
		"migrate the copy": func(u *Upgrade) { u.Migrate[0].Do = fails },
		"start the old version on green's database": func(u *Upgrade) {
			u.WayBack = func(context.Context) (Side, func(context.Context) error, error) { return nil, nil, gone }
		},
		"migrate in place under blue, which still serves": func(u *Upgrade) { u.InPlace = fails },
	} {
		r := newRehearsal(t, "invalidates") // so that there is something to be found
		breaks(&r.Upgrade)
		got, err := r.Run(t.Context())
		if !errors.Is(err, gone) || got.Failed != step || len(got.Findings) > 0 {
			t.Errorf("%s: %v, failed %q, found %+v; want the error alone", step, err, got.Failed, got.Findings)
		}
	}
}

// A replay that leaves out every 100th revocation of the journal is found in the ledger, whatever
// green answered. Places in the journal are counted, not calls: replays of several grants run
// side by side, and not every token is asked about after the switch.
func TestDroppedReplayIsFound(t *testing.T) {
	r := newRehearsal(t)
	r.Twins = 100
	r.Replay = func(ctx context.Context, green Side, entry journal.Entry) error {
		place := 0
		for _, earlier := range r.Journal.Entries() {
			if earlier.Act == journal.RevokeToken && earlier.Number <= entry.Number {
				place++
			}
		}
		if entry.Act == journal.RevokeToken && place%100 == 0 {
			return nil
		}
		return Replay(ctx, green, entry)
	}
	got, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := named(got, FoundResurrected)
	// The 100th is a user's session with two tokens, the 200th a client's own token; the 300th is
	// of the twins that were asked before the replay.
	if found.Wrong != 3 || len(faultsOf(t, got)) != 1 {
		t.Errorf("findings = %+v; want three resurrected alone", got.Findings)
	}
}

// A load beside the steps loses nothing: what it revokes stays revoked and what it was given
// before the copy stays good, and its own answers are judged.
func TestLoadBesideTheSteps(t *testing.T) {
	r := newRehearsal(t)
	r.Load = Load{Rate: 2000, Mix: DefaultMix(), Seed: 1}
	r.Window = 100 * time.Millisecond
	got, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if names := faultsOf(t, got); len(names) != 0 || got.Traffic == nil || got.Traffic.Sent == 0 {
		t.Errorf("found %+v of %+v; want no fault, and some load", got.Findings, got.Traffic)
	}
	if got.Captured != got.Replayed {
		t.Errorf("captured %d, replayed %d; want all", got.Captured, got.Replayed)
	}
}

// The process may end after any step: who goes on where it stopped finds what one run would
// have found.
func TestResumeAfterEachStep(t *testing.T) {
	errStop := errors.New("the process ends here")
	for _, fault := range []string{"", "resurrects", "greedy clean-up"} {
		whole, err := rehearse(t, fault)
		if err != nil {
			t.Fatal(err)
		}
		for stop := range len(whole.Steps) - 1 {
			r := newRehearsal(t, fault)
			var memory []byte
			r.Save = func(m Memory) (err error) {
				if memory, err = json.Marshal(m); err == nil && len(m.Steps) == stop+1 {
					err = errStop
				}
				return err
			}
			if _, err := r.Run(t.Context()); !errors.Is(err, errStop) {
				t.Fatalf("stop after step %d: %v", stop+1, err)
			}
			var m Memory
			if err := json.Unmarshal(memory, &m); err != nil {
				t.Fatal(err)
			}
			next := &Rehearsal{Blue: r.Blue, Upgrade: r.Upgrade, Twins: 3, Control: true, Journal: r.Journal}
			next.Resume(m, r.green)
			got, err := next.Run(t.Context())
			if err != nil {
				t.Fatalf("stopped after %q: %v", whole.Steps[stop].Name, err)
			}
			if a, b := faultsOf(t, got), faultsOf(t, whole); !slices.Equal(a, b) || !reflect.DeepEqual(got.Lines,
				whole.Lines) {
				t.Errorf("%q stopped after %q: found %q; want %q", fault, whole.Steps[stop].Name, a, b)
			}
			if !reflect.DeepEqual(got.Matrix, whole.Matrix) {
				t.Errorf("stopped after %q: matrix %+v; want %+v", whole.Steps[stop].Name, got.Matrix, whole.Matrix)
			}
			if got.Captured != whole.Captured || got.Replayed != whole.Replayed {
				t.Errorf("stopped after %q: replayed %d of %d; want %d of %d", whole.Steps[stop].Name,
					got.Replayed, got.Captured, whole.Replayed, whole.Captured)
			}
		}
	}
}

// The process may end between the journal and the request: blue has not heard then of what counts as done, and is told
// again before the load asks it anything.
func TestBlueIsToldAgain(t *testing.T) {
	errStop := errors.New("the process ends here")
	r := newRehearsal(t)
	var m Memory
	r.Save = func(now Memory) error {
		if m = now; now.Steps[len(now.Steps)-1].Name == CopyStep {
			return errStop
		}
		return nil
	}
	if _, err := r.Run(t.Context()); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	var revoked, rotated *session
	for _, s := range m.Sessions {
		switch {
		case s.Sort != kept || !slices.Contains(s.Asks, AfterSwitch):
		case revoked == nil:
			revoked = s
		case rotated == nil:
			rotated = s
		}
	}
	for act, s := range map[journal.Act]*session{journal.RevokeToken: revoked, journal.Rotate: rotated} {
		entry := journal.Entry{Act: act, Client: s.Client.ID, Token: s.Grant.Refresh}
		if _, err := r.Journal.Append(entry); err != nil {
			t.Fatal(err)
		}
	}
	next := &Rehearsal{Blue: r.Blue, Upgrade: r.Upgrade, Twins: 3, Control: true, Journal: r.Journal}
	next.Resume(m, nil)
	if got, err := next.Run(t.Context()); err != nil || len(faultsOf(t, got)) > 0 {
		t.Errorf("%+v, %v; want no fault", got.Findings, err)
	}
	for _, s := range []*session{revoked, rotated} {
		if active, err := r.Blue.Active(t.Context(), s.Grant.Refresh); err != nil || active {
			t.Errorf("blue takes a token that was revoked or used: %t, %v", active, err)
		}
	}
}
