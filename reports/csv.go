package reports

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// csvColumns name the columns of trials.csv, with units where there are any.
var csvColumns = []string{
	"decision", "contradictions", "role", "deployment", "trial", "epoch", "block", "pair", "position", "part", "again",
	"started",
	"warmup", "excluded", "counts", "operation", "quantile", "response_ns", "service_ns", "send_lag_ns",
	"offered_per_second", "achieved_per_second", "arrivals", "ok", "rejected", "invalid", "timeout", "unreachable",
}

// writeCSV writes one row for each trial, operation and quantile (tidy data: H. Wickham,
// Journal of Statistical Software 59(10), 2014), as RFC 4180 has it. Trials that do not
// count have rows too: "counts" tells. What was decided stands in every row, so that no
// selection of rows loses that a run is invalid.
//
// Of several runs each row begins with the name of its release. A document without single
// trials has a row for each of its figures instead.
func writeCSV(w io.Writer, d *Document) error {
	if len(d.runs) == 0 {
		return writeRows(w, valueRows(d.Values()))
	}
	named := len(d.runs) > 1 || d.runs[0].name != ""
	head := slices.Concat(csvColumns, moreColumns())
	if named {
		head = append([]string{"release"}, head...)
	}
	rows := [][]string{head}
	for _, run := range d.runs {
		for _, row := range csvTable(run.Summary) {
			if named {
				row = append([]string{plaintext.Cell(run.name)}, row...)
			}
			rows = append(rows, row)
		}
	}
	return writeRows(w, rows)
}

// moreColumns are those of the statistics that have none of their own.
func moreColumns() []string {
	var more []string
	for _, st := range summary.Statistics {
		if !slices.Contains(csvColumns, st.Column) {
			more = append(more, st.Column)
		}
	}
	return more
}

// valueRows are figures as rows, after a row of headings.
func valueRows(values []Value) [][]string {
	rows := [][]string{{"release", "role", "version", "operation", "statistic", "unit", "value", "low", "high"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, v := range values {
		row := []string{plaintext.Cell(v.Release), string(v.Role), plaintext.Cell(v.Version),
			plaintext.Cell(v.Operation), v.Statistic, v.Unit, number(v.Number), "", ""}
		if v.High != 0 {
			row[7], row[8] = number(v.Low), number(v.High)
		}
		rows = append(rows, row)
	}
	return rows
}

func writeRows(w io.Writer, rows [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out.WriteAll(rows)
}

// csvTable are the rows of all trials.
func csvTable(s *summary.Summary) [][]string {
	var rows [][]string
	for i := range s.Run.Trials {
		t := &s.Run.Trials[i]
		for k := range t.Measurements {
			rows = append(rows, csvRows(s, i, t, &t.Measurements[k], s.InHeadline[i])...)
		}
	}
	return rows
}

func csvRows(s *summary.Summary, i int, t *bench.Trial, m *bench.Measurement, counts bool) [][]string {
	integer := func(n int64) string { return strconv.FormatInt(n, 10) }
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	head := []string{
		string(s.Decision()), strconv.Itoa(len(s.Contradictions)), string(t.Role), plaintext.Cell(t.Deployment),
		strconv.Itoa(i + 1), strconv.Itoa(t.Epoch), strconv.Itoa(t.Block), strconv.Itoa(t.Pair),
		strconv.Itoa(t.Position), strconv.Itoa(t.Part), strconv.Itoa(t.Again),
		t.Started.UTC().Format(time.RFC3339Nano), strconv.FormatBool(t.Warmup),
		plaintext.Cell(strings.Join(t.Excluded, "; ")), strconv.FormatBool(counts), plaintext.Cell(m.Operation),
	}
	o := m.Outcomes
	tail := []string{
		number(m.Offered), number(m.Achieved),
		integer(o.Total()), integer(o.OK), integer(o.Rejected), integer(o.Invalid), integer(o.Timeout),
		integer(o.Unreachable),
	}
	for _, st := range summary.Statistics {
		if !slices.Contains(csvColumns, st.Column) {
			tail = append(tail, number(st.Of(*m)))
		}
	}
	var rows [][]string
	quantiles := bench.MergedQuantiles
	response, service, lag := m.Response.Quantiles(quantiles...), m.Service.Quantiles(quantiles...),
		m.SendLag.Quantiles(quantiles...)
	for k, q := range quantiles {
		row := append(make([]string, 0, len(csvColumns)), head...)
		row = append(row, number(q))
		for _, d := range []time.Duration{response[k], service[k], lag[k]} {
			if o.Total() == 0 {
				row = append(row, "") // no arrival: no time
				continue
			}
			row = append(row, integer(int64(d)))
		}
		rows = append(rows, append(row, tail...))
	}
	return rows
}
