package bench

import (
	"fmt"
	"testing"
	"time"
)

func TestObservationsAddUp(t *testing.T) {
	h := NewHistogram()
	h.Record(time.Second)
	one := Observation{Facts: map[string]int64{"a": 2}, Lags: map[string]*Histogram{"revocation": h}}
	var sum Observation
	sum.Merge(Observation{})
	sum.Merge(one)
	sum.Merge(one)
	if sum.Facts["a"] != 4 || sum.Lags["revocation"].Count() != 2 || h.Count() != 1 {
		t.Errorf("%v, %d lags, the original has %d", sum.Facts, sum.Lags["revocation"].Count(), h.Count())
	}
}

// Notes are kept by their text, and however many a server makes up, the memory is bounded.
func TestNotesAreBounded(t *testing.T) {
	var one, sum Observation
	for i := range 2 * MaxNotes {
		one.Note(fmt.Sprint("note ", i), 1)
	}
	sum.Merge(one)
	sum.Merge(one)
	total := int64(0)
	for _, n := range sum.Notes {
		total += n
	}
	if len(sum.Notes) > MaxNotes+1 || total != 4*MaxNotes || sum.Notes["note 0"] != 2 {
		t.Errorf("%d notes, %d times: %v", len(sum.Notes), total, sum.Notes)
	}
}
