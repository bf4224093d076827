package reports

import (
	"fmt"
	"io"
	"strings"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plaintext"
)

// goBenchUnit is the unit of a quantile in a line, such as p95-sec.
func goBenchUnit(quantile float64) string {
	return strings.ToLower(verdict.Percentile(quantile)) + "-sec"
}

// writeGoBench writes a line for each trial and operation in the format of Go's
// benchmarks (golang.org/design/14313-benchmark-format), so that benchstat compares the
// versions: benchstat -col /role. What plays a role stands above its lines. Trials that do not count are left out.
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
	_, err := io.WriteString(w, b.String())
	return err
}

func goBenchLine(b *strings.Builder, release string, t *bench.Trial, m *bench.Measurement) {
	n := m.Response.Count()
	if n == 0 {
		return
	}
	name := "Benchmark" + strings.ToUpper(m.Operation[:1]) + word(m.Operation[1:])
	if release != "" {
		name += "/release=" + word(release)
	}
	fmt.Fprintf(b, "%s/role=%s\t%d", name, t.Role, n)
	for _, q := range bench.ComparedQuantiles {
		fmt.Fprintf(b, "\t%g %s", m.Response.Quantile(q).Seconds(), goBenchUnit(q))
	}
	b.WriteByte('\n')
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
