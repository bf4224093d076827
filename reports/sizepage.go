package reports

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"oauthbench/bench/sizing"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/units"
	"oauthbench/reports/page"
)

// tables is the page of a size: what decides, what the peak spends, and what a request costs.
func (s Size) tables() page.Tables {
	word, subject, _ := strings.Cut(s.headline(), ": ")
	t := page.Tables{Word: word, Subject: subject, Sentence: s.demandWords() + ".", Decision: verdict.Measured}
	if s.Need.Impossible != "" {
		t.Decision = verdict.Failed
	}
	peak := page.Table{ID: "peak", Title: "The peak", Head: []string{"operation", "rate"}}
	for _, name := range slices.Sorted(maps.Keys(s.Demand.Peak)) {
		peak.Rows = append(peak.Rows, page.Row{Cells: []string{plaintext.Line(name), units.Rate(s.Demand.Peak[name])}})
	}
	if s.Need.Impossible == "" {
		t.Tables = append(t.Tables, s.instancesTable())
	}
	spends := page.Table{ID: "spends", Title: "What the peak spends, without headroom",
		Head: []string{"resource", "amount"}}
	for _, row := range s.Resources() {
		spends.Rows = append(spends.Rows, page.Row{Cells: row[:]})
	}
	t.Tables = append(t.Tables, peak, spends, s.costsTable())
	lists := []page.List{{Title: "Measured", Items: []string{s.measuredWords()}}, {Title: "Given", Items: s.Given},
		{Title: "Assumed", Items: s.Assumed},
		{Title: "Unknown, and not in the answer",
			Items: slices.Compact(slices.Concat(s.Evidence.Unknown, s.Need.Unknown))}}
	for _, l := range lists {
		if len(l.Items) > 0 {
			t.Lists = append(t.Lists, l)
		}
	}
	return t
}

// instancesTable has a row for each that asks for instances, with what decides marked.
func (s Size) instancesTable() page.Table {
	t := page.Table{ID: "instances", Title: "Instances, by what asks for them",
		Head: []string{"asked by", "instances", "how"}, Note: s.leftWords()}
	for _, a := range s.Need.Answers {
		name := a.Resource
		if a == s.Need.Decides {
			name += " (decides)"
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{name, strconv.Itoa(a.Instances), a.Formula},
			Marked: a == s.Need.Decides})
	}
	return t
}

// costsTable has a column for each resource.
func (s Size) costsTable() page.Table {
	t := page.Table{ID: "costs", Title: "What a request costs", Head: []string{"operation"}}
	row := func(name string, of func(sizing.Costs) float64) {
		cells := []string{plaintext.Line(name)}
		for _, c := range s.Evidence.Costs {
			cells = append(cells, costWords(c.Resource, of(c.Costs)))
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	for _, c := range s.Evidence.Costs {
		t.Head = append(t.Head, c.Resource)
	}
	for _, operation := range slices.Sorted(maps.Keys(s.Evidence.Costs[0].PerRequest)) {
		row(operation, func(c sizing.Costs) float64 { return c.PerRequest[operation] })
	}
	row("idle, per second", func(c sizing.Costs) float64 { return c.Idle })
	c := s.Evidence.Costs[0]
	t.Note = "From " + units.Plural(s.Evidence.Loads, "load") + ", condition number " + units.Digits(c.Condition) +
		", residual " + units.Percent(c.Residual) + "."
	return t
}
