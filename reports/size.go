package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/sizing"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
	"github.com/oauthbench/oauthbench/reports/page"
)

// Size is the size of a cluster, and what it rests on.
type Size struct {
	Evidence  stored.Evidence
	Demand    sizing.Demand
	Machines  sizing.Machines
	Need      sizing.Need
	Retention time.Duration // Retention is how long rows are kept, 0 when it is not given.
	Mean      float64       // Mean is the mean rate as a share of the peak, in (0, 1].
	// Given names what the user gave; all else is measured or assumed.
	Given []string
	// Assumed says what was neither measured nor given.
	Assumed []string
	// Moved says what was taken to another machine than that of the runs and what was not, nothing
	// when it is the same.
	Moved []string
}

// Document reports on it. A size that no number of instances gives is no pass.
func (s Size) Document() *Document {
	d := &Document{Headline: s.headline(), Decision: verdict.Measured, text: s.text, values: s.values}
	d.answer = func(t *textWriter) { fitted(t, s.answer) }
	if s.Need.Impossible != "" {
		d.Decision, d.Reasons = verdict.Failed, []string{s.Need.Impossible}
	}
	d.page = func(w io.Writer) error { return page.WriteTables(w, s.tables()) }
	d.jsonFile = "size.json"
	d.json = func() any { return s.file() }
	d.junit = func() junitSuite {
		suite := junitSuite{Name: "oauthbench: size", Time: "0"}
		suite.add("size", plaintext.Line(s.Evidence.Deployment.Name), d.Decision, s.headline(), d.Reasons)
		return suite
	}
	return d
}

func (s Size) headline() string {
	name := plaintext.Line(s.Evidence.Deployment.Name)
	if s.Need.Impossible != "" {
		return "SIZE: " + name + ": no number of instances carries the peak: " + s.Need.Impossible
	}
	decides := s.Need.Decides.Resource + " decides"
	if s.Need.Decides.Resource == "limits" {
		decides = "the limits decide"
	}
	return fmt.Sprintf("SIZE: %s of %s for %s: %s", units.Plural(s.Need.Decides.Instances, "instance"), name,
		units.Rate(s.Demand.Rate()), decides)
}

func (s Size) text(t *textWriter) {
	t.wrap("", s.headline())
	t.line("")
	t.line("demand")
	for _, name := range slices.Sorted(maps.Keys(s.Demand.Peak)) {
		t.line("  %s  %s", pad(units.Clip(plaintext.Line(name), 30), 30), units.Rate(s.Demand.Peak[name]))
	}
	t.wrap("  ", s.demandWords())
	if s.Need.Impossible == "" {
		t.line("")
		t.line("instances, by what asks for them")
		for _, a := range s.Need.Answers {
			mark := " "
			if a == s.Need.Decides {
				mark = ">"
			}
			t.wrap(fmt.Sprintf("%s %s  %3d  ", mark, pad(a.Resource, 12), a.Instances), a.Formula)
		}
		t.wrap("  ", s.leftWords())
	}
	t.line("")
	t.line("at the peak, without headroom")
	for _, row := range s.Resources() {
		t.line("  %s  %s", pad(row[0], 30), row[1])
	}
	t.line("")
	t.line("what a request costs")
	t.costs(s)
	t.line("")
	t.wrap("measured   ", s.measuredWords())
	if words := s.scalingWords(); words != "" {
		t.wrap("           ", words)
	}
	for _, words := range s.Moved {
		t.wrap("moved      ", words)
	}
	if len(s.Given) > 0 {
		t.wrap("given      ", strings.Join(s.Given, "; "))
	}
	t.wrap("assumed    ", strings.Join(s.Assumed, "; "))
	if unknown := slices.Concat(s.Evidence.Unknown, s.Need.Unknown); len(unknown) > 0 {
		t.wrap("unknown    ", strings.Join(slices.Compact(unknown), "; ")+": not in the answer")
	}
}

// answer is what a person at a terminal wants to know of a size: how many instances, what asks for
// them, what the peak spends, and what was assumed.
func (s Size) answer(t *textWriter, size answerSize) {
	t.wrap("", s.headline())
	if s.Need.Impossible == "" {
		t.line("")
		for i, a := range s.Need.Answers {
			if i == size.rows {
				t.line("  and %d more", len(s.Need.Answers)-i)
				break
			}
			mark := " "
			if a == s.Need.Decides {
				mark = ">"
			}
			t.wrap(fmt.Sprintf("%s %s  %3d  ", mark, pad(a.Resource, 12), a.Instances), clip(t, a.Formula, 1))
		}
	}
	t.line("")
	for i, row := range s.Resources() {
		if i == size.rows {
			break
		}
		t.line("  %s  %s", pad(row[0], 32), row[1])
	}
	if size.brief {
		return
	}
	t.wrap("measured: ", clip(t, s.measuredWords(), 1+size.steps))
	t.wrap("assumed: ", clip(t, strings.Join(s.Assumed, "; "), size.steps))
	if unknown := slices.Concat(s.Evidence.Unknown, s.Need.Unknown); len(unknown) > 0 {
		t.wrap("not in the answer: ", clip(t, strings.Join(slices.Compact(unknown), "; "), 1))
	}
}

// costs is the table of costs by operation.
func (t *textWriter) costs(s Size) {
	header := []string{pad("", 24)}
	for _, c := range s.Evidence.Costs {
		header = append(header, padLeft(c.Resource, 13))
	}
	t.line("  %s", strings.Join(header, "  "))
	row := func(name string, of func(sizing.Costs) float64) {
		cells := []string{pad(units.Clip(plaintext.Line(name), 24), 24)}
		for _, c := range s.Evidence.Costs {
			cells = append(cells, padLeft(costWords(c.Resource, of(c.Costs)), 13))
		}
		t.line("  %s", strings.Join(cells, "  "))
	}
	for _, operation := range slices.Sorted(maps.Keys(s.Evidence.Costs[0].PerRequest)) {
		row(operation, func(c sizing.Costs) float64 { return c.PerRequest[operation] })
	}
	row("idle, per second", func(c sizing.Costs) float64 { return c.Idle })
	for _, words := range slices.Concat(s.intervalWords(), s.fitWords()) {
		t.wrap("  ", words)
	}
}

// intervalWords say between what the processor time of requests is, where that is known.
func (s Size) intervalWords() []string {
	var all []string
	for _, c := range s.Evidence.Costs {
		if c.Resource != stored.ServerCPU && c.Resource != stored.DatabaseCPU || c.Intervals == nil {
			continue
		}
		var each []string
		for _, operation := range slices.Sorted(maps.Keys(c.Intervals)) {
			i := c.Intervals[operation]
			each = append(each, fmt.Sprintf("%s %s to %s", plaintext.Line(operation), costWords(c.Resource, i.Low),
				costWords(c.Resource, i.High)))
		}
		all = append(all, c.Resource+", 90 %: "+strings.Join(each, ", "))
	}
	return all
}

// fitWords say what the costs rest on, those that rest on the same together.
func (s Size) fitWords() []string {
	var all []string
	names := map[string][]string{}
	for _, c := range s.Evidence.Costs {
		words := "from " + units.Plural(c.Loads, "load") + ", condition number " + units.Digits(c.Condition)
		if c.Checked() {
			words += ", residual " + units.Percent(c.Residual)
		} else {
			words += "; how well they fit was not checked, for that takes more loads than there are costs"
		}
		if names[words] == nil {
			all = append(all, words)
		}
		names[words] = append(names[words], c.Resource)
	}
	for i, words := range all {
		all[i] = strings.Join(names[words], ", ") + ": " + words
	}
	return all
}

// costWords prints a cost in the unit of its resource.
func costWords(resource string, v float64) string {
	switch resource {
	case stored.ServerCPU, stored.DatabaseCPU:
		return units.Duration(time.Duration(v * float64(time.Second)))
	case stored.WAL, stored.Storage:
		return digits.Bytes(v)
	}
	return units.Digits(v)
}

// Resources are what the peak spends, each with its name.
func (s Size) Resources() [][2]string {
	var rows [][2]string
	at := func(resource string) (float64, bool) {
		c, known := s.Evidence.Cost(resource)
		if !known {
			return 0, false
		}
		// Idle is spent by each instance of a server and once by a database.
		v, err := c.Cores(s.Demand.Peak)
		if resource == stored.ServerCPU {
			v += c.Idle * float64(max(s.Need.Decides.Instances-1, 0))
		}
		return v, err == nil
	}
	day := s.Mean * 86400
	if v, ok := at(stored.ServerCPU); ok {
		rows = append(rows, [2]string{"server CPU, all instances", units.Digits(v) + " cores"})
	}
	if v, ok := at(stored.DatabaseCPU); ok {
		rows = append(rows, [2]string{"database CPU", units.Digits(v) + " cores"})
	}
	if v, ok := at(stored.Commits); ok {
		rows = append(rows, [2]string{"commits", units.Rate(v) + ", each a write to the log unless grouped"})
	}
	if s.Evidence.Pool > 0 && s.Need.Impossible == "" {
		rows = append(rows, [2]string{"connections to the database",
			units.Count(int64(s.Evidence.Pool * s.Need.Decides.Instances))})
	}
	if v, ok := at(stored.WAL); ok {
		rows = append(rows, [2]string{"WAL", digits.Bytes(v*day) + " a day"})
	}
	if v, ok := at(stored.Rows); ok {
		rows = append(rows, [2]string{"rows", s.kept(v, day,
			func(x float64) string { return units.Count(int64(x)) })})
	}
	if v, ok := at(stored.Storage); ok {
		rows = append(rows, [2]string{"storage", s.kept(v, day, digits.Bytes)})
	}
	if s.Evidence.Memory > 0 {
		rows = append(rows, [2]string{"memory of one instance, measured", digits.Bytes(float64(s.Evidence.Memory))})
	}
	return rows
}

// kept is what grows by the day, and what is there when the first of it is deleted.
func (s Size) kept(perSecond, day float64, words func(float64) string) string {
	text := words(perSecond*day) + " a day"
	if s.Retention > 0 {
		text += fmt.Sprintf(", %s after %s", words(perSecond*s.Mean*s.Retention.Seconds()), days(s.Retention))
	}
	return text
}

func days(d time.Duration) string { return units.Digits(d.Hours()/24) + " days" }

func (s Size) demandWords() string {
	return fmt.Sprintf("%s together; headroom %s: capacity >= %s times the peak, which is a utilisation of at most "+
		"%s; %s, and a rolling update with a surge of %d",
		units.Rate(s.Demand.Rate()), units.Percent(s.Demand.Headroom),
		units.Digits(1+s.Demand.Headroom), units.Percent(1/(1+s.Demand.Headroom)),
		units.Plural(s.Demand.Failures, "failure"), s.Demand.Surge)
}

// leftWords is the formula of what is left.
func (s Size) leftWords() string {
	n, gone := s.Need.Decides.Instances, 0
	if s.Demand.Surge == 0 {
		gone = 1
	}
	left := n - s.Demand.Failures - gone
	together, known := s.Evidence.Together(left)
	carry := "carry " + units.Rate(together)
	if !known {
		carry = "are beyond the scalability law"
	}
	return fmt.Sprintf("left in a rolling update after failures: %d - %d failed - %d updated = %s, which "+
		"%s; the peak with its headroom is %s", n, s.Demand.Failures, gone, units.Plural(left, "instance"), carry,
		units.Rate(s.Demand.Rate()*(1+s.Demand.Headroom)))
}

// scalingWords say by what law instances carry together, "" where there is none.
func (s Size) scalingWords() string {
	x := s.Evidence.Scaling
	if x == nil || x.Law == nil {
		return ""
	}
	words := fmt.Sprintf("scalability law of %s, for half of the trials", plaintext.Line(x.Dir))
	if x.Shared != "" {
		words = fmt.Sprintf("contention in %s, not planned with", plaintext.Line(x.Dir))
	}
	var bounds []string
	for n := 1; n <= 2*x.Law.Largest; n *= 2 {
		if lower, known := x.Law.Lower(n); known {
			bounds = append(bounds, fmt.Sprintf("%d at least %s (about %s)", n, units.Rate(lower),
				units.Rate(x.Law.At(n))))
		}
	}
	if len(bounds) == 0 {
		return words + ": it bounds no number of instances"
	}
	return words + ": " + strings.Join(bounds, ", ")
}

func (s Size) measuredWords() string {
	return fmt.Sprintf("one instance carries %s [%s, %s] under %s (%s); the lower bound is planned with. Costs "+
		"from rates up to %s",
		units.Rate(s.Evidence.Capacity.Estimate), units.Rate(s.Evidence.Capacity.Low),
		units.Rate(s.Evidence.Capacity.High),
		plaintext.Line(strings.Join(s.Evidence.Limits, ", ")), plaintext.Line(s.Evidence.CapacityDir),
		units.Rate(s.Evidence.Highest))
}

// values are the figures of the size.
func (s Size) values() []Value {
	var all []Value
	if s.Need.Impossible == "" {
		for _, a := range s.Need.Answers {
			all = append(all, Value{Statistic: "instances_" + strings.ReplaceAll(a.Resource, " ", "_"),
				Number: float64(a.Instances)})
		}
	}
	all = append(all, Value{Statistic: "capacity_of_one", Unit: "/s", Number: s.Evidence.Capacity.Estimate,
		Low: s.Evidence.Capacity.Low, High: s.Evidence.Capacity.High})
	for _, c := range s.Evidence.Costs {
		for _, operation := range slices.Sorted(maps.Keys(c.PerRequest)) {
			i := c.Intervals[operation]
			all = append(all, Value{Operation: operation, Number: c.PerRequest[operation], Low: i.Low, High: i.High,
				Statistic: strings.ReplaceAll(c.Resource, " ", "_") + "_per_request"})
		}
	}
	return all
}

// sizeFile is size.json.
type sizeFile struct {
	Schema   int              `json:"schema"`
	Headline string           `json:"headline"`
	Decision verdict.Decision `json:"decision"`
	Demand   sizing.Demand    `json:"demand"`
	Machines sizing.Machines  `json:"machines"`
	Need     sizing.Need      `json:"need"`
	Evidence stored.Evidence  `json:"evidence"`
	Given    []string         `json:"given"`
	Assumed  []string         `json:"assumed"`
	Moved    []string         `json:"moved,omitempty"`
}

func (s Size) file() sizeFile {
	decision := verdict.Measured
	if s.Need.Impossible != "" {
		decision = verdict.Failed
	}
	return sizeFile{Schema, s.headline(), decision, s.Demand, s.Machines, s.Need, s.Evidence,
		append([]string{}, s.Given...), append([]string{}, s.Assumed...), s.Moved}
}

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
	known := []string{s.measuredWords()}
	if words := s.scalingWords(); words != "" {
		known = append(known, words)
	}
	lists := []page.List{{Title: "Measured", Items: known}, {Title: "Moved to another machine", Items: s.Moved},
		{Title: "Given", Items: s.Given}, {Title: "Assumed", Items: s.Assumed},
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
	t.Note = strings.Join(slices.Concat(s.intervalWords(), s.fitWords()), ". ") + "."
	return t
}
