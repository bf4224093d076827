package reports

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// metric is one figure as a sample: its family, its labels and its value.
type metric struct {
	family string // without the prefix
	unit   string // a suffix of the family, or ""
	labels []string
	number float64
}

// writeOpenMetrics writes the figures as gauges (OpenMetrics 1.0), as GitLab's metrics
// reports and the text file collector of Prometheus' node_exporter read them. Of an invalid
// run there is the decision alone.
func writeOpenMetrics(w io.Writer, d *Document) error {
	decision := string(d.Decision)
	if decision == "" {
		decision = "none"
	}
	metrics := []metric{{family: "decision", labels: []string{label("decision", decision)}, number: 1}}
	if d.Decision != verdict.Invalid {
		for _, v := range d.finite() {
			metrics = append(metrics, metricsOf(v)...)
		}
	}
	// All samples of a family stand together, in the order in which it first appears.
	var families []string
	for _, m := range metrics {
		if !slices.Contains(families, m.family) {
			families = append(families, m.family)
		}
	}
	var b strings.Builder
	for _, family := range families {
		first := true
		for _, m := range metrics {
			if m.family != family {
				continue
			}
			if first {
				fmt.Fprintf(&b, "# TYPE oauthbench_%s gauge\n# HELP oauthbench_%s The %s that oauthbench found.\n",
					family, family, strings.ReplaceAll(family, "_", " "))
				if m.unit != "" {
					fmt.Fprintf(&b, "# UNIT oauthbench_%s %s\n", family, m.unit)
				}
				first = false
			}
			fmt.Fprintf(&b, "oauthbench_%s{%s} %s\n", family, strings.Join(m.labels, ","),
				strconv.FormatFloat(m.number, 'g', -1, 64))
		}
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// metricsOf are the samples of one figure: its value and, where there are any, the ends
// of its interval.
func metricsOf(v Value) []metric {
	m := metric{family: v.Statistic, number: v.Number}
	for _, pair := range [][2]string{{"release", v.Release}, {"role", string(v.Role)}, {"version", v.Version},
		{"operation", v.Operation}} {
		if pair[1] != "" {
			m.labels = append(m.labels, label(pair[0], pair[1]))
		}
	}
	if name, percentile := percentileOf(v.Statistic); percentile != "" {
		m.family = name
		m.labels = append(m.labels, label("percentile", percentile))
	}
	if v.Unit == "ns" {
		m.family, m.unit, m.number = m.family+"_seconds", "seconds", seconds(v.Number)
	}
	all := []metric{m}
	if v.High != 0 {
		low, high := m, m
		low.family, high.family = m.family+"_low", m.family+"_high"
		low.number, high.number = v.Low, v.High
		all = append(all, low, high)
	}
	return all
}

// percentileOf splits a statistic that is a percentile, as p95 or ratio_p95, into what it
// is of and which one, in per cent. Of all others both are "".
func percentileOf(statistic string) (name, percentile string) {
	name, percentile, found := strings.Cut(statistic, "p")
	if _, err := strconv.ParseFloat(percentile, 64); !found || err != nil {
		return "", ""
	}
	switch name {
	case "":
		return "response", percentile
	case "ratio_":
		return "ratio", percentile
	}
	return "", ""
}

// label is a label with its value escaped as the format asks.
func label(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(plaintext.Line(value)) + `"`
}

func seconds(nanoseconds float64) float64 { return nanoseconds / 1e9 }
