package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oauthbench/bench"
)

// footnotes are numbered from 1; equal texts share a number.
type footnotes []string

// add returns the number of a text.
func (f *footnotes) add(text string) int {
	text = plain(text)
	if i := slices.Index(*f, text); i >= 0 {
		return i + 1
	}
	*f = append(*f, text)
	return len(*f)
}

// collectNotes turns every warning of the run and the verdict into a footnote.
// Warnings on single trials that differ only in where they occurred share one.
func (s *summary) collectNotes() {
	for i := range s.operations {
		op := &s.operations[i]
		for k := range op.rows {
			r := &op.rows[k]
			if r.comparison == nil {
				continue
			}
			for _, w := range r.comparison.Warnings {
				r.notes = append(r.notes, s.notes.add(w))
			}
		}
	}
	if len(s.run.Valid(bench.Baseline))+len(s.run.Valid(bench.Candidate)) == 0 && len(s.operations) > 0 {
		s.notes.add("every pair was disturbed: the figures are of disturbed trials and decide nothing")
	}
	for _, w := range s.wrongElsewhere() {
		s.notes.add(w)
	}
	for _, w := range s.verdict.Warnings {
		s.notes.add(w)
	}
	for _, w := range s.verdict.Notes {
		s.notes.add(w)
	}
	for _, w := range s.run.Warnings {
		s.notes.add(w)
	}
	for _, t := range s.trialNotes() {
		s.notes.add(t)
	}
	if g := s.generator(); g != "" {
		s.notes.add(g)
	}
}

// wrongElsewhere are the wrong answers in trials that do not count: they are in no
// table, and decide all the same.
func (s *summary) wrongElsewhere() []string {
	var notes []string
	for i, t := range s.run.Trials {
		if !t.Warmup && len(t.Excluded) == 0 {
			continue
		}
		for _, m := range t.Measurements {
			if m.Outcomes.Invalid > 0 {
				notes = append(notes, fmt.Sprintf("%s does not count, but its wrong answers do: %s: %s", trialNumbers(s.run, []int{i + 1}), m.Operation, outcomeWords(m)))
			}
		}
	}
	return notes
}

// trialNotes are the exclusions and warnings of trials, each with its trials.
func (s *summary) trialNotes() []string {
	var texts []string
	where := map[string][]int{}
	note := func(text string, trial int) {
		if where[text] == nil {
			texts = append(texts, text)
		}
		where[text] = append(where[text], trial)
	}
	for i, t := range s.run.Trials {
		for _, why := range t.Excluded {
			note("excluded: "+why, i+1)
		}
		if t.Unverified != "" {
			note("not verified after the load: "+t.Unverified, i+1)
		}
		for _, w := range t.Warnings {
			note(w, i+1)
		}
	}
	var notes []string
	for _, text := range texts {
		notes = append(notes, trialNumbers(s.run, where[text])+": "+text)
	}
	return notes
}

// trialNumbers prints "trial 3 (baseline)" or "trials 1, 4, 5".
func trialNumbers(run *bench.Run, trials []int) string {
	if len(trials) == 1 {
		return fmt.Sprintf("trial %d (%s)", trials[0], run.Trials[trials[0]-1].Role)
	}
	var ns []string
	for _, n := range trials {
		ns = append(ns, strconv.Itoa(n))
	}
	return "trials " + strings.Join(ns, ", ")
}

// marks prints the numbers of footnotes: "[1,3]".
func marks(notes []int) string {
	if len(notes) == 0 {
		return ""
	}
	var ns []string
	for _, n := range notes {
		ns = append(ns, strconv.Itoa(n))
	}
	return "[" + strings.Join(ns, ",") + "]"
}
