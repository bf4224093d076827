package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Timed are the limits on response times.
func (s *Search) Timed() []verdict.SLO {
	var all []verdict.SLO
	for _, l := range s.Rule.Limits {
		if _, timed := l.Longest(); timed {
			all = append(all, l)
		}
	}
	return all
}

// TimedNames are short names of Timed, such as "token p99".
func (s *Search) TimedNames() []string {
	var all []string
	for _, l := range s.Timed() {
		all = append(all, plaintext.Line(l.Operation+" "+l.Metric))
	}
	return all
}

// Rows are all trials in the order in which they ran.
func (s *Search) Rows() []Row {
	var rows []Row
	for _, side := range s.Sides {
		for _, l := range side.Searches {
			for _, p := range l.Points {
				row := s.row(p.Trial, p.Start)
				row.Outcome = string(p.Outcome)
				var why []string
				for _, m := range p.Missed {
					why = append(why, plaintext.Line(m.Words))
				}
				row.Why = strings.Join(why, "; ")
				if p.Disturbed != "" {
					row.Outcome, row.Why = "disturbed", plaintext.Line(p.Disturbed)
				}
				rows = append(rows, row)
			}
			for _, c := range l.Checks {
				row := s.row(c.Trial, c.Start)
				row.Outcome = "back"
				if !c.Recovered {
					row.Outcome = "not back"
				}
				rows = append(rows, row)
			}
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Number, b.Number) })
	return rows
}

// row is what every trial has.
func (s *Search) row(i, start int) Row {
	t := &s.Run.Trials[i]
	r := Row{
		Number: i + 1, Role: t.Role, Start: start + 1, Phase: t.Search.Phase, Offered: units.Rate(t.Search.Rate),
		Achieved: units.Rate(t.Achieved), Server: cores(t, t.Server), Database: cores(t, t.Database),
	}
	for _, l := range s.Timed() {
		value := units.None
		if m := t.Measurement(l.Operation); m != nil && m.Response.Count() > 0 {
			q, _ := l.Quantile()
			value = units.Duration(m.Response.Quantile(q))
		}
		r.Times = append(r.Times, value)
	}
	return r
}

func cores(t *bench.Trial, u bench.Usage) string {
	if !u.Known || t.Elapsed == 0 {
		return units.None
	}
	return units.Digits(u.CPU.Seconds() / t.Elapsed.Seconds())
}

// Point is a trial on the curve of response time against offered rate.
type Point struct {
	Role   bench.Role
	Rate   float64 // Rate is offered, per second.
	Millis float64 // Millis is the limited quantile of response time.
	Held   bool
}

// Points are the trials of the search that count, for a limit on times; controls are those
// at the low rate.
func (s *Search) Points(l verdict.SLO) []Point {
	var all []Point
	add := func(role bench.Role, i int, held bool) {
		t := &s.Run.Trials[i]
		m := t.Measurement(l.Operation)
		if m == nil || m.Response.Count() == 0 {
			return
		}
		q, _ := l.Quantile()
		all = append(all, Point{role, t.Search.Rate, units.Milliseconds(m.Response.Quantile(q)), held})
	}
	for _, side := range s.Sides {
		for _, log := range side.Searches {
			for _, p := range log.Points {
				if p.Disturbed == "" && p.Outcome != capacity.Beyond {
					add(side.Role, p.Trial, p.Outcome == capacity.Held)
				}
			}
			for _, c := range log.Checks {
				if c.Recovered {
					add(side.Role, c.Trial, true)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Point) int { return cmp.Compare(a.Rate, b.Rate) })
	return all
}

// Method says how the figures came about.
func (s *Search) Method() []string {
	d := capacity.Design{}
	for _, side := range s.Rule.Sides {
		d = side.Design
	}
	starts := "over two fresh starts "
	for _, side := range s.Rule.Sides {
		if side.Lasting {
			starts = ""
		}
	}
	margin := ""
	if s.Compared() {
		margin = fmt.Sprintf(" Two versions take turns, trial by trial, in %s each; the ratio's interval "+
			"comes from how much whole searches differ (Student's t), of a single one from its trials.",
			units.Plural(s.Rule.Searches, "search"))
	}
	return []string{
		fmt.Sprintf("Open loop: requests arrive as planned, whatever the server does. A trial holds when every "+
			"limit is kept, at least 99 %% of the offered rate is achieved and no backlog is left. From half of "+
			"what a closed loop carried the rate grows by %.0f %% until a limit is missed; what lies between is "+
			"halved until it is known within %.0f %%, and then %d of %d trials %smust hold. "+
			"So it reads up to %.0f %% low, and is nearly never too high.%s",
			100*(d.Growth-1), 100*(d.Resolution-1), d.Needed, d.Confirmations, starts, 100*(d.Resolution-1), margin),
		"Trials that have failed beyond doubt are given up. After each failure a trial at a low rate verifies " +
			"that the server has come back. Intervals are of a logistic curve through all trials, failures " +
			"included, and there are none without both.",
		"The rate is of this mix, these limits, this data and this machine. With servers and generator on one " +
			"machine they share its cores: then it is what they carry together.",
	}
}

// Searched is the index of a role's side, -1 for none.
func (s *Search) Searched(role bench.Role) int {
	return slices.IndexFunc(s.Sides, func(x searches.Searched) bool { return x.Role == role })
}
