package summary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
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
	if valid, shown := s.run.Valid, s.run.Shown; len(valid(bench.Baseline))+len(valid(bench.Candidate)) == 0 &&
		len(shown(bench.Baseline))+len(shown(bench.Candidate)) > 0 {
		s.notes.add("every pair was disturbed: the figures are of disturbed trials and decide nothing")
	}
	if few := s.fewRequests(); few != "" {
		s.notes.add(few)
	}
	if slower := s.slowerTogether(); len(slower) > 1 {
		s.notes.add(strings.Join(slower, ", ") + " were all slower in one mixed load, where a slow operation takes cores and connections from the others: run one after another (--isolate), they can be told apart")
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
	for _, n := range s.observedNotes() {
		s.notes.add(n)
	}
	if g := s.generator(); g != "" {
		s.notes.add(g)
	}
}

// fewRequests names the percentiles beyond which not one request lies: they say little
// more than the slowest one. Comparisons have floors and warnings of their own, so it is
// "" for them, and where there are enough.
func (s *summary) fewRequests() string {
	if s.compared() {
		return ""
	}
	var few []string
	for _, op := range s.operations {
		for _, m := range op.sides {
			n := m.Outcomes.Total()
			for _, r := range op.rows {
				if n > 0 && r.quantile < 1 && float64(n)*(1-r.quantile) < 1-1e-9 {
					few = append(few, fmt.Sprintf("%s %s (of %s)", op.name, r.label, plural(int(n), "request")))
				}
			}
		}
	}
	if few == nil {
		return ""
	}
	return "less than one request lies beyond " + strings.Join(few, ", ") + ": such a percentile says little more than the maximum does"
}

// slowerTogether are the operations called slower, when all were sent in one load.
func (s *summary) slowerTogether() []string {
	if len(s.run.Loads) != 1 {
		return nil
	}
	var slower []string
	for _, op := range s.operations {
		if slices.ContainsFunc(op.rows, func(r row) bool {
			return r.comparison != nil && r.comparison.Decision == verdict.Regression
		}) {
			slower = append(slower, op.name)
		}
	}
	return slower
}

// wrongElsewhere are the wrong answers in trials that do not count: they are in no
// table, and decide all the same.
func (s *summary) wrongElsewhere() []string {
	var notes []string
	for i, t := range s.run.Trials {
		if s.counting[i] {
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

// trialNotes are the exclusions and warnings of trials, each with its trials. What was
// said of several operations is one note that names them.
func (s *summary) trialNotes() []string {
	var texts []string
	where := map[string][]int{}
	var same operationNotes
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
			if operation, text, found := strings.Cut(w, ": "); found && t.Measurement(operation) != nil {
				same.add(text, operation, t.Role, i+1)
				continue
			}
			note(w, i+1)
		}
	}
	var notes []string
	for _, text := range texts {
		notes = append(notes, trialNumbers(s.run, where[text])+": "+text)
	}
	return append(notes, same.words()...)
}

// observedNotes are what the workload saw that is not wrong, of all trials together, in
// the order of their texts: how often, and at which version.
func (s *summary) observedNotes() []string {
	counts := map[string]map[bench.Role]int64{}
	for _, t := range s.run.Trials {
		for text, n := range t.Notes {
			if counts[text] == nil {
				counts[text] = map[bench.Role]int64{}
			}
			counts[text][t.Role] += n
		}
	}
	var notes []string
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		var sides []string
		for _, role := range slices.Sorted(maps.Keys(counts[text])) {
			times := strconv.FormatInt(counts[text][role], 10) + "×"
			if s.compared() {
				times = string(role) + " " + times
			}
			sides = append(sides, times)
		}
		notes = append(notes, fmt.Sprintf("%s (%s)", text, strings.Join(sides, ", ")))
	}
	return notes
}

// operationNotes are warnings on operations, in the order in which they came up.
type operationNotes []*operationNote

type operationNote struct {
	text   string
	places []operationPlace
}

// operationPlace is an operation of one version, and the trials in which it was warned of.
type operationPlace struct {
	operation string
	role      bench.Role
	trials    []int
}

func (ns *operationNotes) add(text, operation string, role bench.Role, trial int) {
	i := slices.IndexFunc(*ns, func(n *operationNote) bool { return n.text == text })
	if i < 0 {
		i = len(*ns)
		*ns = append(*ns, &operationNote{text: text})
	}
	n := (*ns)[i]
	k := slices.IndexFunc(n.places, func(p operationPlace) bool { return p.operation == operation && p.role == role })
	if k < 0 {
		k = len(n.places)
		n.places = append(n.places, operationPlace{operation: operation, role: role})
	}
	n.places[k].trials = append(n.places[k].trials, trial)
}

// words are "P99 of send lag ... (token: baseline in trial 5, candidate in trials 4, 6)".
func (ns operationNotes) words() []string {
	var all []string
	for _, n := range ns {
		slices.SortStableFunc(n.places, func(a, b operationPlace) int {
			return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.role, b.role))
		})
		words := ""
		for i, p := range n.places {
			switch {
			case i == 0:
				words += p.operation + ": "
			case p.operation != n.places[i-1].operation:
				words += "; " + p.operation + ": "
			default:
				words += ", "
			}
			words += string(p.role) + " in " + trialList(p.trials)
		}
		all = append(all, n.text+" ("+words+")")
	}
	return all
}

// trialNumbers prints "trial 3 (baseline)" or "trials 1, 4, 5".
func trialNumbers(run *bench.Run, trials []int) string {
	if len(trials) == 1 {
		return fmt.Sprintf("%s (%s)", trialList(trials), run.Trials[trials[0]-1].Role)
	}
	return trialList(trials)
}

// trialList prints "trial 3" or "trials 1, 4, 5".
func trialList(trials []int) string {
	if len(trials) == 1 {
		return fmt.Sprintf("trial %d", trials[0])
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
