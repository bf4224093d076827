package beside

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// rows are a database that two servers share.
type rows struct {
	made   int
	grants map[string]string // name of each subject's last
	when   map[string]int64  // in seconds
	dead   map[string]bool   // tokens
}

// node is a server that has a token in memory from the first question on. It hears of what ends at
// others when it is told.
type node struct {
	upgrade.Side
	rows   *rows
	seen   map[string]bool // tokens, with whether they are good
	others []*node
	remote bool // what others have made of logins is not good here
}

func (n *node) Register(context.Context) (upgrade.Client, error) { return upgrade.Client{ID: "c"}, nil }

func (n *node) Issue(_ context.Context, _ upgrade.Client, subject string) (upgrade.Grant, error) {
	n.rows.made++
	name := fmt.Sprintf("%s #%d", subject, n.rows.made)
	n.rows.grants[subject], n.rows.when[subject] = name, time.Now().Unix()
	return upgrade.Grant{Access: "access of " + name, Refresh: "refresh of " + name}, nil
}

func (n *node) Active(_ context.Context, token string) (bool, error) {
	_, name, _ := strings.Cut(token, " of ")
	for _, one := range []string{"access of " + name, "refresh of " + name} { // of one session
		if _, there := n.seen[one]; !there {
			n.seen[one] = !n.rows.dead[one]
		}
	}
	return n.seen[token], nil
}

// end ends a grant, by its name, in the database and in the memory of all who are told.
func (n *node) end(name string) {
	for _, token := range []string{"access of " + name, "refresh of " + name} {
		n.rows.dead[token] = true
		for _, each := range append(n.others, n) {
			each.seen[token] = false
		}
	}
}

func (n *node) RevokeToken(_ context.Context, _ upgrade.Client, token string) error {
	_, name, _ := strings.Cut(token, " of ")
	n.end(name)
	return nil
}

// RevokeConsent ends what was granted in a second before this one, as servers do that count those.
func (n *node) RevokeConsent(_ context.Context, subject string) error {
	if n.rows.when[subject] < time.Now().Unix() {
		n.end(n.rows.grants[subject])
	}
	return nil
}

func (n *node) DeleteClient(context.Context, upgrade.Client) error { return errors.ErrUnsupported }

func (n *node) Refresh(ctx context.Context, _ upgrade.Client, refresh string) (upgrade.Grant, error) {
	if good, _ := n.Active(ctx, refresh); !good {
		return upgrade.Grant{}, errors.New("invalid_grant")
	}
	n.rows.dead[refresh] = true
	for _, each := range append(n.others, n) {
		each.seen[refresh] = false
	}
	return upgrade.Grant{}, nil
}

func (n *node) Probes() []upgrade.Probe {
	return []upgrade.Probe{{Kind: "login", Lost: "log in again",
		Make: func(context.Context, string) (string, error) { return "login", nil },
		Ask:  func(context.Context, string) (bool, error) { return !n.remote, nil }}}
}

// pair are two nodes on one database; told says that they are told of each other's changes.
func pair(told bool) (one, other *node) {
	shared := &rows{grants: map[string]string{}, when: map[string]int64{}, dead: map[string]bool{}}
	one, other = &node{rows: shared, seen: map[string]bool{}}, &node{rows: shared, seen: map[string]bool{}}
	if told {
		one.others, other.others = []*node{other}, []*node{one}
	}
	return one, other
}

// outcome asks a control and two versions.
func outcome(t *testing.T, control, versions bool, remote bool) Outcome {
	t.Helper()
	var o Outcome
	ask := func(at, other *node) []Door {
		all, err := Ask(t.Context(), at, other, 1)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	one, other := pair(control)
	o.Control = ask(one, other)
	old, next := pair(versions)
	old.remote = remote
	o.Forth, o.Back = ask(old, next), ask(next, old)
	return o
}

// named are the names of findings, with a mark at faults.
func named(found []upgrade.Finding) (all []string) {
	for _, f := range found {
		name := f.Name
		if f.Fault() {
			name = "FAULT " + name
		}
		all = append(all, name)
	}
	return all
}

// Versions that are not told of each other's ends are found through each door, unless two instances
// of the old version are not told either.
func TestSplitIsFoundBesideItsControl(t *testing.T) { synctest.Test(t, splitIsFound) }

func splitIsFound(t *testing.T) {
	for _, tt := range []struct {
		name                      string
		control, versions, remote bool
		want                      []string
	}{
		{"all are told", true, true, false, nil},
		{"versions are not told", true, false, false, []string{"FAULT " + FoundSplit}},
		{"nobody is told", false, false, false, []string{FoundAlone}},
		{"logins are not taken", true, true, true, []string{FoundThing + "login"}},
	} {
		o := outcome(t, tt.control, tt.versions, tt.remote)
		found := o.Findings()
		if got := named(found); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
		if tt.versions || !tt.control {
			continue
		}
		for _, d := range doors {
			if has := strings.Contains(found[0].Text, d.name); has != (d.name != "a client is deleted") {
				t.Errorf("%s: %q is named: %v", tt.name, d.name, has)
			}
		}
	}
}

// A server that does not know the other's live tokens cannot be asked what it heeds: that is found,
// and is no split.
func TestStrangersAreNoSplit(t *testing.T) { synctest.Test(t, strangersAreNoSplit) }

func strangersAreNoSplit(t *testing.T) {
	one, other := pair(true)
	other.seen["access of beside, an access token is revoked 0 #1"] = false
	doors, err := Ask(t.Context(), one, other, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := named(Outcome{Forth: doors}.Findings()); !slices.Equal(got, []string{"FAULT " + FoundStrange}) {
		t.Errorf("found %q; want the stranger alone", got)
	}
}
