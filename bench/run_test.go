package bench

import (
	"slices"
	"testing"
)

func TestWhichTrialsCount(t *testing.T) {
	slot := func(pair int, role Role) Slot { return Slot{Pair: pair, Role: role} }
	warmup := Slot{Role: Candidate, Warmup: true}
	run := &Run{Trials: []Trial{
		{Slot: warmup, Excluded: []string{"disturbed"}}, // says nothing of pair 0
		{Slot: slot(0, Baseline)}, {Slot: slot(0, Candidate)},
		{Slot: slot(1, Candidate)}, {Slot: slot(1, Baseline), Excluded: []string{"disturbed"}},
		{Slot: Slot{Pair: 1, Again: 1, Role: Baseline}}, {Slot: Slot{Pair: 1, Again: 1, Role: Candidate}},
	}}
	if got, want := run.Counting(), []bool{false, true, true, false, false, true, true}; !slices.Equal(got, want) {
		t.Errorf("counting %v; want %v", got, want)
	}
	if b, c := len(run.Valid(Baseline)), len(run.Valid(Candidate)); b != 2 || c != 2 {
		t.Errorf("%d and %d valid trials; want 2 and 2", b, c)
	}
	for i := range run.Trials {
		run.Trials[i].Excluded = []string{"disturbed"}
	}
	if got, want := run.Counting(), []bool{false, true, true, true, true, true, true}; !slices.Equal(got, want) {
		t.Errorf("all disturbed: %v are shown; want %v", got, want)
	}
	if n := len(run.Valid(Baseline)); n != 0 {
		t.Errorf("all disturbed: %d valid trials", n)
	}
}
