// Package dbwaits puts into words what the connections to a database waited for, by looks at
// them while trials ran. It says what was seen; whether that was the limit is for others to say.
package dbwaits

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Waiting is what the connections did on average.
type Waiting struct {
	Connections float64 // open
	Busy        float64 // in a transaction
	// Class is what most busy ones waited for, Share which part of them, Mean how many.
	Class bench.WaitClass
	Share float64
	Mean  float64

	events []bench.WaitEvent // of the class
	looks  int64
}

// leastLooks is how many looks say something.
const leastLooks = 5

// Of sums up trials; false when too few looks were taken, or nothing was busy.
func Of(trials []bench.Trial) (Waiting, bool) {
	var sum *bench.Waits
	for i := range trials {
		sum = sum.Plus(trials[i].Waits)
	}
	if sum == nil || sum.Looks < leastLooks || sum.Busy == 0 {
		return Waiting{}, false
	}
	n := float64(sum.Looks)
	w := Waiting{Connections: float64(sum.Connections) / n, Busy: float64(sum.Busy) / n, looks: sum.Looks}
	seen := map[bench.WaitClass]int64{}
	for _, e := range sum.Events {
		seen[e.Class()] += e.Seen
	}
	for _, e := range sum.Events { // In the order of their number, so that a tie is always the same.
		if class := e.Class(); seen[class] > seen[w.Class] {
			w.Class = class
		}
	}
	for _, e := range sum.Events {
		if e.Class() == w.Class {
			w.events = append(w.events, e)
		}
	}
	w.Mean = float64(seen[w.Class]) / n
	w.Share = w.Mean / w.Busy
	return w, true
}

// full is the share of the open connections that are busy when none is to spare.
const full = 0.8

// Full tells whether no connection was to spare.
func (w Waiting) Full() bool { return w.Busy >= full*w.Connections }

// InDatabase tells whether most busy connections waited for something of the database that is no
// processor.
func (w Waiting) InDatabase() bool {
	switch w.Class {
	case bench.WaitLock, bench.WaitCommit, bench.WaitDisk, bench.WaitLatch:
		return w.Share >= 0.5
	}
	return false
}

// what is waited for, by class.
var what = map[bench.WaitClass]string{
	bench.WaitNone:   "ran or waited for a processor",
	bench.WaitLock:   "waited for a lock that another transaction held",
	bench.WaitCommit: "waited for a commit to be written to the log",
	bench.WaitDisk:   "waited for data from the disk",
	bench.WaitLatch:  "waited for a latch of the database's memory",
	bench.WaitServer: "waited for the server's next statement",
	bench.WaitOther:  "waited for something else",
}

// Subject is the class as the subject of a sentence.
func (w Waiting) Subject() string {
	return map[bench.WaitClass]string{
		bench.WaitLock: "Locks in the database were", bench.WaitCommit: "Commits were",
		bench.WaitDisk: "The database's disk was", bench.WaitLatch: "Contention inside the database was",
	}[w.Class]
}

// String is "of 10.0 open connections to the database 9.8 were busy and 8.9 waited for a lock that
// another transaction held (transactionid 7.9, tuple 1.0)".
func (w Waiting) String() string {
	words := fmt.Sprintf("of %s open connections to the database %s were busy, and %s %s",
		units.Digits(w.Connections), units.Digits(w.Busy), units.Digits(w.Mean), what[w.Class])
	var names []string
	for _, e := range w.events[:min(3, len(w.events))] {
		if e.Name != "" {
			names = append(names, plaintext.Line(e.Name)+" "+units.Digits(float64(e.Seen)/float64(w.looks)))
		}
	}
	if len(names) > 0 {
		words += " (" + strings.Join(names, ", ") + ")"
	}
	return words
}
