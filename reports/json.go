package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Schema is the version of verdict.json's shape. Fields may be added within one.
const Schema = 1

// verdictFile is verdict.json: the verdict, what it is a verdict on, and at the end
// the verdict's remaining fields as it writes them itself.
type verdictFile struct {
	Decision       verdict.Decision                `json:"decision"` // "" when nothing was compared
	Reasons        []string                        `json:"reasons"`
	NextSteps      []string                        `json:"next_steps,omitempty"` // what to do about it
	Comparisons    []verdict.Comparison            `json:"comparisons"`
	UnitRatios     []unitRatiosJSON                `json:"unit_ratios,omitempty"` // in the order of Comparisons
	Schema         int                             `json:"schema"`
	Tool           string                          `json:"tool"`
	Headline       string                          `json:"headline"`
	Contradictions []string                        `json:"contradictions,omitempty"`
	Complete       bool                            `json:"complete"`
	Incomplete     string                          `json:"incomplete,omitempty"`
	Started        time.Time                       `json:"started"`
	Command        []string                        `json:"command"`
	Seed           uint64                          `json:"seed"`
	Deployments    map[bench.Role]bench.Deployment `json:"deployments"`
	Differences    []differenceJSON                `json:"differences"`
	Trials         int                             `json:"trials"`
	Operations     []operationJSON                 `json:"operations"`
	Resources      []resourceJSON                  `json:"resources,omitempty"`
	Bottlenecks    []summary.Bottleneck            `json:"bottlenecks"`
	Footnotes      []string                        `json:"footnotes"`
	verdict.Verdict
}

// unitRatiosJSON is candidate / baseline of each unit of a comparison in turn.
type unitRatiosJSON struct {
	Operation string    `json:"operation"`
	Quantile  float64   `json:"quantile"`
	Ratios    []float64 `json:"ratios"`
}

func unitRatios(paths []verdict.Path) []unitRatiosJSON {
	var all []unitRatiosJSON
	for _, p := range paths {
		one := unitRatiosJSON{Operation: p.Operation, Quantile: p.Quantile, Ratios: []float64{}}
		for _, step := range p.Steps {
			one.Ratios = append(one.Ratios, step.Ratio)
		}
		all = append(all, one)
	}
	return all
}

type differenceJSON struct {
	Name      string `json:"name"`
	Baseline  string `json:"baseline"`
	Candidate string `json:"candidate"`
}

// resourceJSON is a line of the table of what the versions spent, as it is shown.
type resourceJSON struct {
	Name   string                `json:"name"`
	Values map[bench.Role]string `json:"values"`
	Change string                `json:"change,omitempty"`
}

type operationJSON struct {
	Operation string                     `json:"operation"`
	Versions  map[bench.Role]versionJSON `json:"versions"`
}

// versionJSON is what the valid trials of one version measured of an operation.
type versionJSON struct {
	Trials   int              `json:"trials"`
	Offered  float64          `json:"offered"`  // requests per second
	Achieved float64          `json:"achieved"` // requests per second that ended OK
	Outcomes bench.Outcomes   `json:"outcomes"`
	Cases    map[string]int64 `json:"cases,omitempty"`
	Response spreadJSON       `json:"response"`
	Service  spreadJSON       `json:"service"`
	SendLag  spreadJSON       `json:"send_lag"`
	// Statistics has every entry of summary.Statistics by its column.
	Statistics map[string]float64 `json:"statistics"`
}

// spreadJSON writes the count of a histogram, its least value, each of bench.MergedQuantiles
// and its mean, in this order.
type spreadJSON struct{ *bench.Histogram }

// MarshalJSON implements json.Marshaler.
func (h spreadJSON) MarshalJSON() ([]byte, error) {
	text := fmt.Appendf(nil, `{"count":%d,"min_ns":%d`, h.Count(), h.Min())
	for i, d := range h.Quantiles(bench.MergedQuantiles...) {
		name := "max"
		if at := bench.MergedQuantiles[i]; at < 1 {
			name = strings.ReplaceAll(strings.ToLower(verdict.Percentile(at)), ".", "_")
		}
		text = fmt.Appendf(text, `,"%s_ns":%d`, name, d)
	}
	return fmt.Appendf(text, `,"mean_ns":%d}`, h.Mean()), nil
}

// writeJSON writes what a kind of document has for programs, or its decision and figures.
func writeJSON(w io.Writer, d *Document) error {
	if d.json != nil {
		return encode(w, d.json())
	}
	return encode(w, struct {
		Schema   int              `json:"schema"`
		Headline string           `json:"headline"`
		Decision verdict.Decision `json:"decision"` // "" when nothing was decided
		Reasons  []string         `json:"reasons"`
		Figures  []Value          `json:"figures"`
	}{Schema, d.Headline, d.Decision, append([]string{}, d.Reasons...), append([]Value{}, d.Values()...)})
}

// encode writes JSON that a terminal can show: what a server says stays what it is, and
// moves no cursor.
func encode(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	_, err = w.Write(append(plaintext.JSON(text), '\n'))
	return err
}

func statistics(m bench.Measurement) map[string]float64 {
	all := map[string]float64{}
	for _, st := range summary.Statistics {
		all[st.Column] = st.Of(m)
	}
	return all
}

func newVerdictFile(s *summary.Summary) verdictFile {
	f := verdictFile{
		Verdict:        s.Verdict,
		Decision:       s.Decision(),
		Reasons:        append([]string{}, s.Reasons()...),
		NextSteps:      summary.NextSteps(s),
		Comparisons:    []verdict.Comparison{},
		Schema:         Schema,
		Tool:           s.Run.Tool,
		Headline:       s.Headline(),
		Contradictions: s.Contradictions,
		Complete:       s.Run.Complete(),
		Incomplete:     s.Run.Incomplete(),
		Started:        s.Run.Started,
		Command:        s.Run.Command,
		Seed:           s.Run.Seed,
		Deployments:    s.Run.Deployments,
		Differences:    []differenceJSON{},
		Trials:         len(s.Run.Trials),
		Operations:     []operationJSON{},
		Bottlenecks:    append([]summary.Bottleneck{}, summary.Bottlenecks(s)...),
		Footnotes:      append([]string{}, s.Notes...),
	}
	if len(s.Contradictions) == 0 {
		f.Comparisons = append(f.Comparisons, s.Verdict.Comparisons...)
		f.UnitRatios = unitRatios(s.Paths)
	} else {
		// What was decided on figures that cannot be is not said anywhere.
		f.PerProtocol, f.IntentionToTreat, f.Controls, f.Costs = "", "", nil, nil
	}
	for _, d := range summary.Differences(s) {
		f.Differences = append(f.Differences, differenceJSON{d.Name, d.Values[0], d.Values[1]})
	}
	for _, op := range s.Operations {
		o := operationJSON{Operation: op.Name, Versions: map[bench.Role]versionJSON{}}
		for i, m := range op.Sides {
			o.Versions[s.Sides[i].Role] = versionJSON{
				m.Trials, m.Offered, m.Achieved, m.Outcomes, m.Cases,
				spreadJSON{m.Response}, spreadJSON{m.Service}, spreadJSON{m.SendLag}, statistics(m.Measurement),
			}
		}
		f.Operations = append(f.Operations, o)
	}
	for _, r := range summary.Resources(s) {
		line := resourceJSON{r.Name, map[bench.Role]string{}, r.Change}
		for i, v := range r.Values {
			line.Values[s.Sides[i].Role] = v
		}
		f.Resources = append(f.Resources, line)
	}
	return f
}
