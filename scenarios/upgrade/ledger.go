package upgrade

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// State is what is true of a token or session, or what a server says of it.
type State string

// States of an item.
const (
	Live State = "live"
	Dead State = "dead"
)

// Kind is what an item is.
type Kind string

// Kinds of tokens; Probes add theirs. A used refresh token has been exchanged for another.
const (
	AccessToken  Kind = "access token"
	ClientToken  Kind = "client's own token"
	RefreshToken Kind = "refresh token"
	UsedRefresh  Kind = "used refresh token"
	ClientSecret Kind = "client's secret"
)

// ClientRight is the kind of what a client may do, or how, as a Right names it.
func ClientRight(name string) Kind { return Kind(rightOf + name) }

const rightOf = "client's right: "

// right is what a kind of ClientRight names, false for any other.
func (k Kind) right() (name string, is bool) {
	return strings.CutPrefix(string(k), rightOf)
}

// Token tells whether introspection is asked about it.
func (k Kind) Token() bool {
	return k == AccessToken || k == ClientToken || k == RefreshToken || k == UsedRefresh
}

// Phase says when something was made, or asked.
type Phase string

// Phases of a rehearsal, in order.
const (
	BeforeCopy   Phase = "before the copy"
	AfterRestart Phase = "after a restart of the old version"
	InWindow     Phase = "between copy and switch" // which the copy cannot have
	BeforeReplay Phase = "at green before the replay"
	AfterSwitch  Phase = "after the switch"
	AfterDoors   Phase = "after revoking at green"
	AfterCleanUp Phase = "after the clean-up"
)

// phases are all in order.
var phases = []Phase{BeforeCopy, AfterRestart, InWindow, BeforeReplay, AfterSwitch, AfterDoors, AfterCleanUp}

// Item is one token or thing that was made, with the state that it must have. A question
// may change what it asks about, so each kind has several equal items, and a question
// that does gets its own.
type Item struct {
	ID     int    `json:"id"` // from 1
	Kind   Kind   `json:"kind"`
	Made   Phase  `json:"made"`
	Expect State  `json:"expect"`
	Why    string `json:"why,omitempty"`   // the door, such as "revoked by token"; "" while live
	Ended  Phase  `json:"ended,omitempty"` // when; "" while live
}

// Ledger has every item ever made and what each was found to be. Its zero value is
// empty. Its methods may be used by any number of goroutines.
type Ledger struct {
	mu      sync.Mutex
	items   []Item
	answers map[question]answer
}

// question is one item asked at one time.
type question struct {
	id   int
	when Phase
}

// answer is what an item was expected to be when it was asked, and what it was.
type answer struct {
	item  Item
	state State
}

// Made adds an item that is live, and gives its ID.
func (l *Ledger) Made(kind Kind, made Phase) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, Item{ID: len(l.items) + 1, Kind: kind, Made: made, Expect: Live})
	return len(l.items)
}

// Ended notes that an item must be dead from now on, and by which door. ID 0 is none.
func (l *Ledger) Ended(id int, why string, when Phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(id, why, when)
}

func (l *Ledger) end(id int, why string, when Phase) {
	if id == 0 {
		return
	}
	if item := &l.items[id-1]; item.Expect == Live {
		item.Expect, item.Why, item.Ended = Dead, why, when
	}
}

// Used notes that a refresh token has been exchanged.
func (l *Ledger) Used(id int, when Phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == 0 {
		return
	}
	l.end(id, "exchanged", when)
	l.items[id-1].Kind = UsedRefresh
}

// Found notes what a server said of an item.
func (l *Ledger) Found(id int, when Phase, state State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answers == nil {
		l.answers = map[question]answer{}
	}
	l.answers[question{id, when}] = answer{l.items[id-1], state}
}

// Item is one item.
func (l *Ledger) Item(id int) Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.items[id-1]
}

// Items are all items, in the order in which they were made.
func (l *Ledger) Items() []Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.items)
}

// Line counts the items of one sort: how many were asked, and how many of them were not
// what they must be. Without any that were asked there is no line: a zero is only said
// where something was looked at.
type Line struct {
	Asked  Phase  `json:"asked"`
	Kind   Kind   `json:"kind"`
	Made   Phase  `json:"made"`
	Why    string `json:"why,omitempty"`   // the door by which they ended
	Ended  Phase  `json:"ended,omitempty"` // when
	Expect State  `json:"expect"`
	Of     int    `json:"of"`    // asked
	Wrong  int    `json:"wrong"` // of these, in the other state
}

// Lines count all that was asked, in an order that does not change.
func (l *Ledger) Lines() []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[Line]*Line{}
	for _, q := range slices.SortedFunc(maps.Keys(l.answers), func(a, b question) int { return a.id - b.id }) {
		item := l.answers[q].item
		key := Line{Asked: q.when, Kind: item.Kind, Made: item.Made, Why: item.Why, Ended: item.Ended,
			Expect: item.Expect}
		if counts[key] == nil {
			line := key
			counts[key] = &line
		}
		counts[key].Of++
		if l.answers[q].state != item.Expect {
			counts[key].Wrong++
		}
	}
	var all []Line
	for _, line := range counts {
		all = append(all, *line)
	}
	slices.SortFunc(all, compareLines)
	return all
}

// compareLines orders lines by when they were asked, then by what they count.
func compareLines(a, b Line) int {
	return cmp.Or(
		cmp.Compare(phaseOrder(a.Asked), phaseOrder(b.Asked)),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(phaseOrder(a.Made), phaseOrder(b.Made)),
		cmp.Compare(a.Why, b.Why),
		cmp.Compare(phaseOrder(a.Ended), phaseOrder(b.Ended)),
	)
}

// phaseOrder is the place of a phase in a rehearsal; -1 for none.
func phaseOrder(p Phase) int { return slices.Index(phases, p) }
