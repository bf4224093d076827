package summary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// collectNotes turns every warning of the run and the verdict into a footnote.
// Warnings on single trials that differ only in where they occurred share one.
func collectNotes(s *Summary) {
	noteFailures(s)
	for i := range s.Operations {
		op := &s.Operations[i]
		for k := range op.Rows {
			r := &op.Rows[k]
			if r.Comparison == nil {
				continue
			}
			for _, w := range r.Comparison.Warnings {
				r.Notes = append(r.Notes, s.Notes.Add(w))
			}
		}
	}
	if none := noTrialCounts(s); none != "" {
		s.Notes.Add(none)
	}
	if few := fewRequests(s); few != "" {
		s.Notes.Add(few)
	}
	if slower := slowerTogether(s); len(slower) > 1 {
		s.Notes.Add(strings.Join(slower, ", ") + " were all slower in one mixed load, where a slow operation takes " +
			"cores and connections from the others: run one after another (--isolate), they can be told apart")
	}
	for _, c := range s.Causes() {
		s.Notes.Add("asked after failures: " + c)
	}
	for _, w := range wrongElsewhere(s) {
		s.Notes.Add(w)
	}
	for _, w := range s.Verdict.Warnings {
		s.Notes.Add(w)
	}
	for _, w := range s.Verdict.Notes {
		s.Notes.Add(w)
	}
	for _, w := range s.Run.Warnings {
		s.Notes.Add(w)
	}
	for _, t := range TrialNotes(s) {
		s.Notes.Add(t)
	}
	for _, n := range observedNotes(s) {
		s.Notes.Add(n)
	}
	for _, n := range Checked(s) {
		s.Notes.Add(n)
	}
	if g := GeneratorNote(s); g != "" {
		s.Notes.Add(g)
	}
}

// noTrialCounts says why no trial of a run that has some does, "" where one does.
func noTrialCounts(s *Summary) string {
	valid, shown := s.Run.Valid, s.Run.Shown
	if len(valid(bench.Baseline))+len(valid(bench.Candidate)) > 0 ||
		len(shown(bench.Baseline))+len(shown(bench.Candidate)) == 0 {
		return ""
	}
	e := extentOf(s.Run)
	single, pairs := units.Plural(e.trials, "trial"), "every pair was disturbed"
	switch {
	case !s.Compared() && e.died == e.trials:
		return single + " lost, for the server died: there are no response times of a whole trial"
	case !s.Compared() && e.died > 0:
		return "every trial was disturbed, or its server died: the response times decide nothing"
	case !s.Compared():
		return "every trial was disturbed: the response times are of disturbed trials and decide nothing"
	case e.lost > 0 && e.disturbed == 0:
		return "a server died in every pair: the response times are of lost pairs and decide nothing"
	case e.lost > 0:
		pairs = "every pair was disturbed, or a server died in it"
	}
	return pairs + ": the response times are of disturbed trials and decide nothing"
}

// fewRequests names the percentiles beyond which not one request lies: they say little
// more than the slowest one. Comparisons have floors and warnings of their own, so it is
// "" for them, and where there are enough.
func fewRequests(s *Summary) string {
	if s.Compared() {
		return ""
	}
	var few []string
	for _, op := range s.Operations {
		for _, m := range op.Sides {
			n := m.Outcomes.Total()
			for _, r := range op.Rows {
				if n > 0 && r.Quantile < 1 && float64(n)*(1-r.Quantile) < 1-1e-9 {
					few = append(few, fmt.Sprintf("%s %s (of %s)", op.Name, r.Label, units.Plural(int(n), "request")))
				}
			}
		}
	}
	if few == nil {
		return ""
	}
	return "less than one request lies beyond " + strings.Join(few, ", ") +
		": such a percentile says little more than the maximum does"
}

// slowerTogether are the operations called slower, when all were sent in one load.
func slowerTogether(s *Summary) []string {
	if len(s.Run.Loads) != 1 {
		return nil
	}
	var slower []string
	for _, op := range s.Operations {
		if slices.ContainsFunc(op.Rows, func(r Row) bool {
			return r.Comparison != nil && r.Comparison.Decision == verdict.Regression
		}) {
			slower = append(slower, op.Name)
		}
	}
	return slower
}

// wrongElsewhere are the wrong answers in trials that do not count: they are in no
// table, and decide all the same.
func wrongElsewhere(s *Summary) []string {
	var notes []string
	for i, t := range s.Run.Trials {
		if s.InHeadline[i] {
			continue
		}
		for _, m := range t.Measurements {
			if m.Outcomes.Invalid > 0 {
				notes = append(notes, fmt.Sprintf("%s does not count, but its wrong answers do: %s: %s",
					trialNumbers(s, []int{i + 1}), m.Operation, OutcomeWords(m)))
			}
		}
	}
	return notes
}

// TrialNotes are the exclusions and warnings of trials, each with its trials. What was
// said of several operations is one note that names them.
func TrialNotes(s *Summary) []string {
	var texts []string
	where := map[string][]int{}
	var same operationNotes
	note := func(text string, trial int) {
		if where[text] == nil {
			texts = append(texts, text)
		}
		where[text] = append(where[text], trial)
	}
	for i, t := range s.Run.Trials {
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
		notes = append(notes, trialNumbers(s, where[text])+": "+text)
	}
	return append(notes, same.words(s)...)
}

// observedNotes are what the workload saw that is not wrong, of all trials together, in
// the order of their texts: how often, and at which version.
func observedNotes(s *Summary) []string {
	counts := map[string]map[bench.Role]int64{}
	for _, t := range s.Run.Trials {
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
			if s.Compared() {
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

// words are "P99 of send lag ... (token: baseline in trial 5, candidate in trials 4, 6)", and
// of a run that compares nothing "(token: trials 4, 6)".
func (ns operationNotes) words(s *Summary) []string {
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
			if s.Compared() {
				words += string(p.role) + " in "
			}
			words += p.where(s)
		}
		all = append(all, n.text+" ("+words+")")
	}
	return all
}

// longestTrialList is the number of trials up to which a footnote on an operation lists each.
const longestTrialList = 8

// where lists few trials and counts many: "trials 4, 6", "48 of 52 trials".
func (p operationPlace) where(s *Summary) string {
	if len(p.trials) <= longestTrialList {
		return TrialList(p.trials)
	}
	all := 0
	for _, t := range s.Run.Trials {
		if t.Role == p.role && t.Measurement(p.operation) != nil {
			all++
		}
	}
	return fmt.Sprintf("%d of %d trials", len(p.trials), all)
}

// trialNumbers prints "trial 3 (baseline)" or "trials 1, 4, 5".
func trialNumbers(s *Summary, trials []int) string {
	if len(trials) == 1 && s.Compared() {
		return fmt.Sprintf("%s (%s)", TrialList(trials), s.Run.Trials[trials[0]-1].Role)
	}
	return TrialList(trials)
}

// TrialList prints "trial 3", "trials 1, 4, 5" or, of three and more in a row, "trials 1, 4–9".
func TrialList(trials []int) string {
	if len(trials) == 1 {
		return fmt.Sprintf("trial %d", trials[0])
	}
	var words []string
	for i := 0; i < len(trials); {
		last := i
		for last+1 < len(trials) && trials[last+1] == trials[last]+1 {
			last++
		}
		if last-i < 2 {
			last = i
			words = append(words, strconv.Itoa(trials[i]))
		} else {
			words = append(words, fmt.Sprintf("%d–%d", trials[i], trials[last]))
		}
		i = last + 1
	}
	return "trials " + strings.Join(words, ", ")
}
