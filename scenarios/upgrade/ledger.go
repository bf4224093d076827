package upgrade

import (
	"maps"
	"slices"
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

// Kinds of items. A used refresh token has been exchanged for another.
const (
	AccessToken  Kind = "access token"
	RefreshToken Kind = "refresh token"
	UsedRefresh  Kind = "used refresh token"
	Consent      Kind = "consent"
)

// Phase says when something was made, or asked.
type Phase string

// Phases of a rehearsal, in order.
const (
	BeforeCopy   Phase = "before the copy"
	InWindow     Phase = "between copy and switch" // which the copy cannot have
	AfterSwitch  Phase = "after the switch"
	AfterCleanUp Phase = "after the clean-up"
)

// Item is one token or session that was made, with the state that it must have. A
// question may change what it asks about, so each kind has several equal items, and
// each question gets its own: see Twins.
type Item struct {
	ID     int // from 1
	Kind   Kind
	Made   Phase
	Expect State
	Why    string // how it came to be dead: the door, such as "revoked by token"; "" while live
	Ended  Phase  // when; "" while live
}

// Ledger has every item ever made and what each was found to be. Its zero value is
// empty. One goroutine uses it at a time.
type Ledger struct {
	items []Item
	found map[question]answer
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
	l.items = append(l.items, Item{ID: len(l.items) + 1, Kind: kind, Made: made, Expect: Live})
	return len(l.items)
}

// Ended notes that an item must be dead from now on, and by which door.
func (l *Ledger) Ended(id int, why string, when Phase) {
	if item := &l.items[id-1]; item.Expect == Live {
		item.Expect, item.Why, item.Ended = Dead, why, when
	}
}

// Used notes that a refresh token has been exchanged.
func (l *Ledger) Used(id int, when Phase) {
	l.Ended(id, "exchanged", when)
	l.items[id-1].Kind = UsedRefresh
}

// Found notes what a server said of an item.
func (l *Ledger) Found(id int, when Phase, state State) {
	if l.found == nil {
		l.found = map[question]answer{}
	}
	l.found[question{id, when}] = answer{l.items[id-1], state}
}

// Items are all items, in the order in which they were made.
func (l *Ledger) Items() []Item { return slices.Clone(l.items) }

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
	counts := map[Line]*Line{}
	for _, q := range slices.SortedFunc(maps.Keys(l.found), func(a, b question) int { return a.id - b.id }) {
		item := l.found[q].item
		key := Line{Asked: q.when, Kind: item.Kind, Made: item.Made, Why: item.Why, Ended: item.Ended,
			Expect: item.Expect}
		line := counts[key]
		if line == nil {
			line = &Line{}
			*line = key
			counts[key] = line
		}
		line.Of++
		if l.found[q].state != item.Expect {
			line.Wrong++
		}
	}
	var all []Line
	for _, line := range counts {
		all = append(all, *line)
	}
	slices.SortFunc(all, compareLines)
	return all
}
