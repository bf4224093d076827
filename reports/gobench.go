package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// goBenchUnit is the unit of a quantile in a line, such as p95-sec.
func goBenchUnit(quantile float64) string {
	return strings.ToLower(verdict.Percentile(quantile)) + "-sec"
}

// writeGoBench writes a line for each trial and operation in the format of Go's
// benchmarks (golang.org/design/14313-benchmark-format), so that benchstat compares the
// versions: benchstat -col /role. What plays a role stands above its lines. Trials that do not
// count are left out. Of a document that holds no single trials, such as a search for capacity,
// a line has its figures.
func writeGoBench(w io.Writer, d *Document) error {
	var b strings.Builder
	for _, q := range bench.ComparedQuantiles {
		fmt.Fprintf(&b, "Unit %s better=lower\n", goBenchUnit(q))
	}
	for _, run := range d.runs {
		for _, side := range run.Sides {
			fmt.Fprintf(&b, "%s: %s\n", side.Role, word(side.Deployment.Name))
		}
		// What comes first is what benchstat compares with.
		for _, side := range run.Sides {
			for i := range run.Run.Trials {
				t := &run.Run.Trials[i]
				if !run.InHeadline[i] || t.Role != side.Role {
					continue
				}
				for k := range t.Measurements {
					goBenchLine(&b, run.name, t, &t.Measurements[k])
				}
			}
		}
	}
	if len(d.runs) == 0 {
		goBenchFigures(&b, d)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func goBenchLine(b *strings.Builder, release string, t *bench.Trial, m *bench.Measurement) {
	n := m.Response.Count()
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "%s\t%d", goBenchName(m.Operation, release, t.Role), n)
	for _, q := range bench.ComparedQuantiles {
		fmt.Fprintf(b, "\t%g %s", m.Response.Quantile(q).Seconds(), goBenchUnit(q))
	}
	b.WriteByte('\n')
}

// goBenchName is the name of a line, whose parts benchstat can set beside each other.
func goBenchName(operation, release string, role bench.Role) string {
	operation = word(operation)
	if operation == "" {
		operation = "all"
	}
	first, size := utf8.DecodeRuneInString(operation)
	name := "Benchmark" + strings.ToUpper(string(first)) + operation[size:]
	if release != "" {
		name += "/release=" + word(release)
	}
	if role != "" {
		name += "/role=" + string(role)
	}
	return name
}

// goBenchFigures writes a line for each operation with its response times, and with its rates, of
// which more is better.
func goBenchFigures(b *strings.Builder, d *Document) {
	var names, rates []string
	lines := map[string]string{}
	for _, v := range d.finite() {
		unit := word(v.Statistic)
		number := v.Number
		switch v.Unit {
		case "ns":
			unit, number = unit+"-sec", number/1e9
		case "/s":
			unit += "-per-sec"
			if !slices.Contains(rates, unit) {
				rates = append(rates, unit)
			}
		default:
			continue
		}
		name := goBenchName(v.Operation, v.Release, v.Role)
		if lines[name] == "" {
			names = append(names, name)
		}
		lines[name] += fmt.Sprintf("\t%g %s", number, unit)
	}
	for _, unit := range rates {
		fmt.Fprintf(b, "Unit %s better=higher\n", unit)
	}
	for _, name := range names {
		fmt.Fprintf(b, "%s\t1%s\n", name, lines[name])
	}
}

// word is a text without what ends a benchmark's name or a part of it.
func word(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '/' || r == '\t' {
			return '_'
		}
		return r
	}, plaintext.Line(text))
}
