// Package search puts into words what a search for capacity found. It decides nothing that
// bench/capacity/searches has not decided, and formats for nobody: texts, pages and pictures
// take their words and points from here.
package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Search is a run's search with what limited each side.
type Search struct {
	Run *bench.Run
	searches.Found
	// Limits are what limited each side at the lowest rate that failed, or where nothing
	// failed at the highest that held; as Sides, with an empty sentence where it is not known.
	Limits []summary.Bottleneck
}

// Of reads what a run found.
func Of(run *bench.Run) (*Search, error) {
	found, err := searches.Of(run)
	if err != nil {
		return nil, err
	}
	s := &Search{Run: run, Found: found}
	for _, side := range found.Sides {
		at, missed := side.AboveTrials, true
		switch {
		case side.Ending == capacity.AboveGenerator && len(side.BeyondTrials) > 0:
			at = side.BeyondTrials
		case len(at) == 0:
			at, missed = side.AtTrials, false
		}
		var trials []bench.Trial
		for _, i := range at {
			if len(run.Trials[i].Excluded) == 0 { // What other programs disturbed names no limit.
				trials = append(trials, run.Trials[i])
			}
		}
		limit, _ := summary.BottleneckOf(run, side.Role, trials, missed)
		s.Limits = append(s.Limits, limit)
	}
	return s, nil
}

// Compared tells whether two versions were searched.
func (s *Search) Compared() bool { return len(s.Sides) == 2 }

// Word is the decision in capitals.
func (s *Search) Word() string { return strings.ToUpper(string(s.Decision)) }

// State says that the run is a part of what was planned, "" when it is whole.
func (s *Search) State() string {
	if s.Run.Incomplete() != "" {
		return "INTERRUPTED"
	}
	return ""
}

// Headline is the first line of every report.
func (s *Search) Headline() string {
	words := s.Word()
	if st := s.State(); st != "" {
		words = st + ", " + words
	}
	return words + ": " + s.Subject()
}

// Subject says what was found in a few words.
func (s *Search) Subject() string {
	if s.Compared() {
		b, c := plaintext.Line(s.Sides[0].Deployment), plaintext.Line(s.Sides[1].Deployment)
		if s.Ratio == nil {
			return c + " against " + b + ": capacity"
		}
		return fmt.Sprintf("%s carries %v of what %s carries", c, s.Ratio, b)
	}
	return s.carries(s.Sides[0])
}

// carries says what a side carries.
func (s *Search) carries(side searches.Searched) string {
	name := plaintext.Line(side.Deployment)
	switch side.Ending {
	case capacity.Certified:
		return fmt.Sprintf("%s carries %s", name, units.Rate(side.Rate))
	case capacity.AboveGenerator:
		return fmt.Sprintf("%s: capacity not found below the generator's limit of %s", name, units.Rate(side.Rate))
	case capacity.Unreachable:
		return name + " keeps the limits at no rate"
	}
	if side.Rate > 0 {
		return fmt.Sprintf("%s: unfinished, held at %s so far", name, units.Rate(side.Rate))
	}
	return name + ": unfinished, no rate held so far"
}

// Sentence says the limits and how sure the rate is.
func (s *Search) Sentence() string {
	if s.Compared() {
		return fmt.Sprintf("Highest rates%s under %s: %s; %s. The candidate may carry %s less.",
			s.mix(), s.LimitWords(), s.carries(s.Sides[0]), s.carries(s.Sides[1]), units.Percent(s.Rule.Margin))
	}
	side := s.Sides[0]
	words := "Highest rate, all requests together" + s.mix() + ", under " + s.LimitWords()
	if side.Curve != nil {
		words += fmt.Sprintf("; 9 of 10 trials hold at %s, half of them at %s",
			interval(side.Curve.NineTenths), interval(side.Curve.Half))
	}
	return words + "."
}

// SoFar says where the last search on a side stands.
func SoFar(s *Search, i int) string {
	side := s.Sides[i]
	last := side.Searches[len(side.Searches)-1]
	r, name := last.Result(), plaintext.Line(side.Deployment)
	if r.Ending != capacity.Unfinished {
		side.Ending, side.Rate = r.Ending, r.Rate
		return s.carries(side) + "."
	}
	words := "no trial has ended yet"
	if n := len(last.Points); n > 0 {
		words = map[string]string{
			string(capacity.Ramp):    "the ramp goes on",
			string(capacity.Bisect):  "what lies between is halved",
			string(capacity.Confirm): "the rate that held is confirmed over fresh starts",
		}[last.Points[n-1].Phase]
		if s.Run.End != nil {
			words = "it ended there, undecided"
		}
		tried := firstFailed(last)
		switch {
		case r.Above == 0 && tried > 0:
			words = fmt.Sprintf("failed once at %s, which is tried again", units.Rate(tried))
			if r.Rate > 0 {
				words = fmt.Sprintf("held at %s, %s", units.Rate(r.Rate), words)
			}
		case r.Rate > 0 && r.Above > 0:
			words = fmt.Sprintf("the limit lies between %s, which held, and %s, which failed; %s", units.Rate(r.Rate),
				units.Rate(r.Above), words)
		case r.Rate > 0:
			words = fmt.Sprintf("held at %s, and nothing failed yet; %s", units.Rate(r.Rate), words)
		case r.Above > 0:
			words = fmt.Sprintf("failed at %s, and nothing held yet; %s", units.Rate(r.Above), words)
		case !slices.ContainsFunc(last.Points, func(p searches.Point) bool { return p.Disturbed == "" }):
			words = fmt.Sprintf("no trial has counted yet, for other programs disturbed %s; %s",
				units.Plural(n, "trial"), words)
		}
	}
	if side.Curve != nil {
		words += "; half of trials hold at " + interval(side.Curve.Half)
	}
	if n := s.Rule.Searches; n > 1 {
		name += fmt.Sprintf(", search %d of %d", last.Number+1, n)
	}
	return name + ": " + words + "."
}

// firstFailed is the lowest rate at which a trial of a search failed and counted, 0 for none.
func firstFailed(l *searches.Log) float64 {
	lowest := 0.0
	for _, p := range l.Points {
		if p.Disturbed == "" && p.Outcome == capacity.Failed && (lowest == 0 || p.Rate < lowest) {
			lowest = p.Rate
		}
	}
	return lowest
}

// mix says what share each scenario has in the rate, "" where there is only one.
func (s *Search) mix() string {
	if len(s.Run.Trials) == 0 || len(s.Run.Trials[0].Load.Streams) < 2 {
		return ""
	}
	load := s.Run.Trials[0].Load
	var parts []string
	for _, x := range load.Streams {
		parts = append(parts, plaintext.Line(x.Scenario)+" "+units.Percent(x.Rate/load.Rate()))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// LimitWords lists the limits.
func (s *Search) LimitWords() string {
	var all []string
	for _, l := range s.Rule.Limits {
		all = append(all, plaintext.Line(l.String()))
	}
	return strings.Join(all, ", ")
}

// interval is "412/s [398/s, 420/s]".
func interval(i capacity.Interval) string {
	return fmt.Sprintf("%s [%s, %s]", units.Rate(i.Estimate), units.Rate(i.Low), units.Rate(i.High))
}

// Extent says how much was measured.
func (s *Search) Extent() string {
	trials, controls, disturbed := 0, 0, 0
	starts := map[string]bool{}
	for _, side := range s.Sides {
		for _, l := range side.Searches {
			trials += len(l.Points)
			controls += len(l.Checks)
			for _, p := range l.Points {
				starts[fmt.Sprint(side.Role, p.Start)] = true
				if p.Disturbed != "" {
					disturbed++
				}
			}
		}
	}
	words := fmt.Sprintf("%s and %s over %s", units.Plural(trials, "trial"), units.Plural(controls, "control trial"),
		units.Plural(len(starts), "start"))
	if disturbed > 0 {
		words += fmt.Sprintf(", %d of them disturbed and measured again", disturbed)
	}
	return words
}

// Fact is one line of what is known of each side; Values are as Sides, "" for unknown.
type Fact struct {
	Name   string
	Short  string // Short is the name where there is little room, "" for what is left out there.
	Values []string
}

// Facts are the lines of the table of results.
func (s *Search) Facts() []Fact {
	var all []Fact
	add := func(name, short string, of func(i int, side *searches.Searched) string) {
		f := Fact{Name: name, Short: short}
		known := false
		for i := range s.Sides {
			v := of(i, &s.Sides[i])
			f.Values = append(f.Values, v)
			known = known || v != ""
		}
		if known {
			all = append(all, f)
		}
	}
	rateOf := func(v float64) string {
		if v <= 0 {
			return ""
		}
		return units.Rate(v)
	}
	add("certified rate", "carries", func(_ int, x *searches.Searched) string {
		if x.Ending == capacity.Unfinished && x.Rate > 0 {
			return rateOf(x.Rate) + " held, not certified"
		}
		return rateOf(x.Rate)
	})
	add("nine of ten trials hold at [90 %]", "9 of 10 hold at", func(_ int, x *searches.Searched) string {
		if x.Curve == nil {
			return ""
		}
		return interval(x.Curve.NineTenths)
	})
	add("half of trials hold at [90 %]", "", func(_ int, x *searches.Searched) string {
		if x.Curve == nil {
			return ""
		}
		return interval(x.Curve.Half)
	})
	add("lowest rate that failed", "failed at", func(_ int, x *searches.Searched) string { return rateOf(x.Above) })
	add("limit", "limit", func(i int, x *searches.Searched) string {
		switch l := s.Limits[i]; {
		case x.Ending == capacity.AboveGenerator:
			return "the generator"
		case l.Limit == summary.LimitNone:
			return ""
		default:
			return l.Brief()
		}
	})
	add("closed loop, for comparison", "", func(_ int, x *searches.Searched) string {
		return rateOf(s.Rule.Sides[x.Role].Estimate)
	})
	for _, operation := range s.Run.Operations() {
		var names []string
		for _, at := range bench.ComparedQuantiles {
			names = append(names, verdict.Percentile(at))
		}
		add(plaintext.Line(operation)+" "+strings.Join(names, " / ")+" there",
			units.Clip(plaintext.Line(operation), 11)+" P50/95/99",
			func(_ int, x *searches.Searched) string {
				for _, m := range x.At {
					if m.Operation == operation && m.Response.Count() > 0 {
						var words []string
						for _, at := range bench.ComparedQuantiles {
							words = append(words, units.Duration(m.Response.Quantile(at)))
						}
						return strings.Join(words, " / ")
					}
				}
				return ""
			})
	}
	for _, r := range resources {
		add(r.name, r.short, func(_ int, x *searches.Searched) string { return r.of(s.at(x)) })
	}
	add("added under the search", "", func(_ int, x *searches.Searched) string { return grown(s, x) })
	add("first failed request", "first failure", func(_ int, x *searches.Searched) string {
		e := x.FirstError
		if e == nil && x.Asked == 0 {
			return "not checked"
		}
		if e == nil {
			return "none of " + units.Plural(int(x.Asked), "request")
		}
		words := fmt.Sprintf("at %s: %s", units.Rate(e.Rate), plaintext.Line(e.Operation))
		if e.Case != "" {
			words += ", " + plaintext.Line(e.Case)
		}
		return words
	})
	add("soak", "soak", func(_ int, x *searches.Searched) string {
		switch {
		case x.SoakHeld == nil:
			return ""
		case *x.SoakHeld:
			return fmt.Sprintf("held %v at %s", s.Rule.Soak, units.Rate(capacity.SoakShare*x.Rate))
		}
		return fmt.Sprintf("failed within %v at %s", s.Rule.Soak, units.Rate(capacity.SoakShare*x.Rate))
	})
	return all
}

// Brief are the lines that fit a terminal, under their short names.
func Brief(s *Search) []Fact {
	var all []Fact
	for _, f := range s.Facts() {
		if f.Short != "" {
			all = append(all, f)
		}
	}
	return all
}

// Statements are the sentences on each side: what limited it, what broke first, and
// everything else that was found, the gravest first.
func (s *Search) Statements(i int) []string {
	side := s.Sides[i]
	var all []string
	for _, f := range side.Findings {
		all = append(all, plaintext.Line(f)+".")
	}
	if side.Broke != "" {
		all = append(all, plaintext.Line(side.Broke)+".")
	}
	if w := s.Limits[i].Sentence; w != "" {
		all = append(all, w)
	}
	return all
}

// Class is how a decision is drawn: as verdict.Decision has it.
func (s *Search) Class() verdict.Decision { return s.Decision }
