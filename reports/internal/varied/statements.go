package varied

import (
	"fmt"
	"math"
	"strings"

	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Statements are what goes through several cells, and what a reader must know of them.
func (v *Varied) Statements() []string {
	var all []string
	if v.Shared != "" {
		all = append(all, "Contention: "+plaintext.Line(v.Shared)+".")
	}
	for _, l := range v.Laws {
		all = append(all, lawWords(l)...)
	}
	for _, s := range v.Slopes {
		all = append(all, slopeWords(s))
	}
	return all
}

// Doubts are what is to be known of single cells.
func (v *Varied) Doubts() []string {
	var all []string
	for i, a := range v.Answers {
		if len(a.Doubts) > 0 {
			all = append(all, v.name(i)+": "+plaintext.Line(strings.Join(a.Doubts, "; ")))
		}
	}
	return all
}

// slopeWords say how a figure changes for each factor of ten.
func slopeWords(s grid.Slope) string {
	what := "capacity"
	if s.Operation != "" {
		what = plaintext.Line(s.Operation) + " " + strings.ToUpper(s.Name)
	}
	words := fmt.Sprintf("%s changes by %s [%s, %s] for each tenfold of %s%s: 90 %% interval, %s, %s", what,
		signed(s.Unit, s.PerTenfold), signed(s.Unit, s.Low), signed(s.Unit, s.High), plaintext.Line(s.Axis),
		at(s.Fixed), units.Plural(s.Cells, "cell"), units.Plural(s.Starts, "start"))
	if s.Low <= 0 && s.High >= 0 {
		return words + "; the interval has 0 within, so that no slope is shown."
	}
	if s.First > 0 {
		words += fmt.Sprintf("; %s of what it is at the least", units.Percent(math.Abs(s.PerTenfold)/s.First))
	}
	return words + "."
}

func signed(unit string, value float64) string {
	if value < 0 {
		return "-" + number(unit, -value)
	}
	return "+" + number(unit, value)
}

func at(fixed string) string {
	if fixed == "" {
		return ""
	}
	return " at " + plaintext.Line(fixed)
}

// lawWords say how capacity grows with instances.
func lawWords(l stored.Law) []string {
	if l.Law == nil {
		return []string{fmt.Sprintf("No scaling law%s: %s.", at(l.Fixed), l.Missing)}
	}
	law := l.Law
	words := fmt.Sprintf("Universal Scalability Law%s over %s: one instance %s, contention %s [%s, %s], coherency "+
		"%s [%s, %s] (95 %% intervals)", at(l.Fixed), units.Plural(law.Points, "search"), units.Rate(law.PerInstance),
		coefficient(law.Contention.Estimate), coefficient(law.Contention.Low), coefficient(law.Contention.High),
		coefficient(law.Coherency.Estimate), coefficient(law.Coherency.Low), coefficient(law.Coherency.High))
	if n, identified := law.Peak(); identified {
		words += fmt.Sprintf("; the peak is at %s: more carry less.", units.Plural(n, "instance"))
	} else {
		words += "; no peak identified: the interval of coherency has 0."
	}
	all := []string{words}
	var bounds []string
	for n := law.Largest; n <= 2*law.Largest; n += max(law.Largest/2, 1) {
		if lower, ok := law.Lower(n); ok {
			bounds = append(bounds, fmt.Sprintf("%d at least %s", n, units.Rate(lower)))
		}
	}
	if len(bounds) > 0 {
		all = append(all, fmt.Sprintf("Instances by the law: %s (97.5 %%); nothing is said beyond %d.",
			strings.Join(bounds, ", "), 2*law.Largest))
	}
	return all
}

// coefficient prints three digits, and no bound that is none.
func coefficient(x float64) string {
	switch {
	case math.IsInf(x, 0) || x > 1e6:
		return "any"
	case x != 0 && math.Abs(x) < 1e-4:
		return "0.0001"
	}
	return units.Digits(x)
}
