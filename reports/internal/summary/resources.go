package summary

import (
	"fmt"
	"strconv"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/dbwaits"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// TableRow is one line of a table with a column for each version.
type TableRow struct {
	Name   string
	Values []string // as in summary.sides
	Change string   // of the candidate against the baseline, "" where none is told
}

// Resources lists what the versions spent, as far as it is known of at least one, over
// the trials that count: in the form in which Cloudflare published its upgrade of Hydra
// (API P95, RSS, heap, goroutines, CPU; https://blog.cloudflare.com/oauth-for-all/), with
// the figures per request beside.
func Resources(s *Summary) []TableRow {
	lines := []struct {
		name   string
		of     func(spent) (float64, bool)
		format func(float64) string
	}{
		{"API P95, all operations", func(p spent) (float64, bool) {
			return float64(p.p95), p.p95 > 0
		}, func(v float64) string { return units.Duration(time.Duration(v)) }},
		{"server CPU, cores", func(p spent) (float64, bool) {
			return p.server.Seconds() / p.elapsed.Seconds(), p.server > 0
		}, units.Digits},
		{"server CPU per request", perRequest(func(p spent) float64 { return float64(p.server) }), asDuration},
		{"of it just-in-time compilers, cores", func(p spent) (float64, bool) {
			return p.compilers.Seconds() / p.elapsed.Seconds(), p.compiles
		}, units.Digits},
		{"paused to collect garbage", func(p spent) (float64, bool) {
			return 100 * p.paused.Seconds() / p.elapsed.Seconds(), p.paused > 0
		}, func(v float64) string { return units.Digits(v) + " %" }},
		{"bytes allocated per request", perRequest(func(p spent) float64 { return float64(p.allocated) }), kibibytes},
		{"server peak memory", func(p spent) (float64, bool) {
			return float64(p.serverPeak), p.serverPeak > 0
		}, mebibytes},
		{"server heap", func(p spent) (float64, bool) { return p.heap, p.heap > 0 }, mebibytes},
		{"server goroutines", func(p spent) (float64, bool) { return p.goroutines, p.goroutines > 0 }, units.Digits},
		{"connection wait per request", func(p spent) (float64, bool) {
			return float64(p.waited) / float64(max(p.sent, 1)), p.pools
		}, asDuration},
		{"database CPU, cores", func(p spent) (float64, bool) {
			return p.database.Seconds() / p.elapsed.Seconds(), p.database > 0
		}, units.Digits},
		{"database CPU per request", perRequest(func(p spent) float64 { return float64(p.database) }), asDuration},
		{"database peak memory", func(p spent) (float64, bool) {
			return float64(p.databasePeak), p.databasePeak > 0
		}, mebibytes},
		{"statements per request", perRequest(func(p spent) float64 { return float64(p.counters.Calls()) }),
			units.Digits},
		{"statement time per request", perRequest(func(p spent) float64 { return float64(p.counters.Time()) }),
			asDuration},
		{"rows written per request", perRequest(func(p spent) float64 {
			return float64(p.counters.RowsInserted + p.counters.RowsUpdated + p.counters.RowsDeleted)
		}), units.Digits},
		{"rows inserted per request", perRequest(func(p spent) float64 { return float64(p.counters.RowsInserted) }),
			units.Digits},
		{"rows updated per request", perRequest(func(p spent) float64 { return float64(p.counters.RowsUpdated) }),
			units.Digits},
		{"rows deleted per request", perRequest(func(p spent) float64 { return float64(p.counters.RowsDeleted) }),
			units.Digits},
		{"transactions per request", perRequest(func(p spent) float64 { return float64(p.counters.Commits) }),
			units.Digits},
		{"WAL per request", perRequest(func(p spent) float64 { return float64(p.counters.WALBytes) }),
			func(v float64) string { return units.Digits(v/1024) + " KiB" }},
		{"temporary bytes", func(p spent) (float64, bool) {
			return float64(p.counters.TempBytes), p.counters.TempBytes > 0
		}, mebibytes},
	}
	var all []spent
	known := false
	for _, side := range s.Sides {
		p := spentBy(s, side)
		known = known || p.server > 0 || p.counters.Calls() > 0
		all = append(all, p)
	}
	if !known {
		return nil
	}
	var table []TableRow
	for _, l := range lines {
		r := TableRow{Name: l.name}
		var values []float64
		for _, p := range all {
			v, ok := l.of(p)
			if !ok || p.sent == 0 {
				r.Values = append(r.Values, "")
				continue
			}
			values = append(values, v)
			r.Values = append(r.Values, l.format(v))
		}
		if len(values) == 0 {
			continue
		}
		switch c := costComparison(s, l.name); {
		case c != nil:
			r.Change = Change(c) + " " + costDecision(s, c)
		case len(values) == 2 && values[0] > 0:
			r.Change = fmt.Sprintf("%+.0f %%", 100*(values[1]/values[0]-1))
		}
		table = append(table, r)
	}
	return table
}

// costComparison is the comparison of what a row shows, nil when there is none.
func costComparison(s *Summary, name string) *verdict.Comparison {
	if len(s.Contradictions) > 0 {
		return nil
	}
	for i := range s.Verdict.Costs {
		if c := &s.Verdict.Costs[i]; c.Name() == name && c.Units > 0 {
			return c
		}
	}
	return nil
}

// costDecision is the decision of a cost, short enough for a cell. One of a run in which costs decide
// nothing convicts nobody.
func costDecision(s *Summary, c *verdict.Comparison) string {
	if !Decided(c) {
		return "undecided"
	}
	if d := s.Decision(); c.Decision == verdict.Regression && d != verdict.Regression && d != verdict.Failed {
		return "above its margin (decides nothing)"
	}
	return string(c.Decision)
}

// spent is the sum of what the valid trials of one version cost; gauges are means,
// peaks the largest.
type spent struct {
	sent                     int64
	elapsed                  time.Duration
	p95                      time.Duration
	server, database         time.Duration // CPU
	serverPeak, databasePeak int64         // bytes
	heap, goroutines         float64
	waited                   time.Duration // for database connections
	pools                    bool          // whether that is known
	counters                 bench.DatabaseCounters
	allocated                int64 // bytes
	compilers, paused        time.Duration
	compiles                 bool // whether its compilers are known
}

func spentBy(s *Summary, x Side) spent {
	var p spent
	response := bench.NewHistogram()
	gauges := 0.0
	for _, t := range x.Valid {
		p.sent += t.Sent
		p.elapsed += t.Elapsed
		p.server += t.Server.CPU
		p.database += t.Database.CPU
		p.allocated += t.Allocated
		p.compilers += t.Compilers.CPU
		p.compiles = p.compiles || t.Compilers.Known
		p.paused += t.Paused
		p.serverPeak = max(p.serverPeak, t.Server.PeakRSS)
		p.databasePeak = max(p.databasePeak, t.Database.PeakRSS)
		if t.Counters != nil {
			p.counters = p.counters.Plus(*t.Counters)
		}
		if t.Runtime != nil {
			gauges++
			p.heap += (float64(t.Runtime.Heap) - p.heap) / gauges
			p.goroutines += (float64(t.Runtime.Goroutines) - p.goroutines) / gauges
		}
		for _, m := range t.Measurements {
			response.Merge(m.Response)
		}
	}
	var pools []bench.Pool
	pools, p.pools = dbwaits.MergePools(x.Valid)
	for _, one := range pools {
		p.waited += one.Waited
	}
	p.p95 = response.Quantile(0.95)
	return p
}

func perRequest(of func(spent) float64) func(spent) (float64, bool) {
	return func(p spent) (float64, bool) { return of(p) / float64(max(p.sent, 1)), of(p) > 0 }
}

func asDuration(v float64) string { return units.Duration(time.Duration(v)) }

func kibibytes(v float64) string { return units.Digits(v/1024) + " KiB" }

func mebibytes(v float64) string { return units.Digits(v/(1<<20)) + " MiB" }

// StatementLine is one of the statements that the database spent most time on.
type StatementLine struct {
	Side, Text, Calls, Each, Share string
}

// Statements lists the few statements of each version with the most time.
func Statements(s *Summary) []StatementLine {
	const most = 4
	var lines []StatementLine
	for _, side := range s.Sides {
		p := spentBy(s, side)
		total := p.counters.Time()
		for i, st := range p.counters.Statements {
			if i == most || total == 0 || p.sent == 0 {
				break
			}
			lines = append(lines, StatementLine{
				Side:  string(side.Role),
				Text:  units.Clip(plaintext.Line(st.Text), 160),
				Calls: units.Digits(float64(st.Calls) / float64(p.sent)),
				Each:  units.Duration(st.Time / time.Duration(max(st.Calls, 1))),
				Share: strconv.FormatFloat(100*float64(st.Time)/float64(total), 'f', 0, 64) + " %",
			})
		}
	}
	return lines
}

func OrNone(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if out[i] = v; v == "" {
			out[i] = units.None
		}
	}
	return out
}
