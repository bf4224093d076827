package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// maxDisturbed is the share of disturbed pairs beyond which the machine, not
// the versions, is what the run measured.
const maxDisturbed = 0.2

// uncomparable returns why the run cannot be judged at all, or nothing.
func uncomparable(pairs []Pair) []string {
	if len(pairs) == 0 {
		return []string{"no pair was measured: there is nothing to compare"}
	}
	var reasons []string
	if bad := len(pairs) - len(undisturbed(pairs)); tooMany(pairs) {
		which := fmt.Sprintf("%d of %d pairs were", bad, len(pairs))
		if len(pairs) == 1 {
			which = "the only pair was"
		}
		reasons = append(reasons, fmt.Sprintf("%s disturbed from outside (%s): too many to compare anything", which,
			strings.Join(disturbances(pairs), "; ")))
	}
	return append(reasons, unanswered(pairs)...)
}

// tooMany tells whether more than maxDisturbed of the pairs were disturbed.
func tooMany(pairs []Pair) bool {
	bad := len(pairs) - len(undisturbed(pairs))
	return float64(bad) > maxDisturbed*float64(len(pairs))
}

// unanswered returns one sentence for each operation of which the baseline answered nothing.
func unanswered(pairs []Pair) []string {
	var reasons []string
	totals := tally(pairs, Baseline)
	for _, name := range operations(pairs) {
		if c := totals[name].counts; c.Arrivals > 0 && c.OK == 0 && c.Invalid == 0 {
			reasons = append(reasons, fmt.Sprintf(
				"%s: none of the baseline's %s was answered properly (%s): there is nothing to compare with",
				name, digits.Count(c.Arrivals, "request"), outcomes(c)))
		}
	}
	return reasons
}

// oneSided returns one sentence for each operation that no pair has on both sides, while
// no gates are listed: what vanished from one version must not pass unnoticed.
func (in Input) oneSided() []string {
	if len(in.Gates) > 0 {
		return nil
	}
	compared := map[string]bool{}
	for _, p := range in.Pairs {
		for _, o := range p.Baseline.Operations {
			if _, both := p.Candidate.observation(o.Operation); both {
				compared[o.Operation] = true
			}
		}
	}
	var sentences []string
	for _, name := range operations(in.Pairs) {
		if !compared[name] {
			sentences = append(sentences, name+" was measured on both sides of no pair: nothing of it was compared")
		}
	}
	return sentences
}

// disturbances lists the distinct grounds, in order of appearance.
func disturbances(pairs []Pair) []string {
	var grounds []string
	for _, p := range pairs {
		for _, g := range slices.Concat(p.Baseline.Disturbed, p.Candidate.Disturbed) {
			if !slices.Contains(grounds, g) {
				grounds = append(grounds, g)
			}
		}
	}
	const shown = 2
	if more := len(grounds) - shown; more > 0 {
		grounds = append(grounds[:shown], fmt.Sprintf("and %d more like these", more))
	}
	return grounds
}

// lopsided says that one version's trials were disturbed more often than the other's
// beyond chance, "" when not: a version that takes the machine from its own trials must
// not have them left out.
func lopsided(pairs []Pair) string {
	var t stats.Table
	for _, p := range pairs {
		if len(p.Baseline.Disturbed) > 0 {
			t.HitsA++
		} else {
			t.MissesA++
		}
		if len(p.Candidate.Disturbed) > 0 {
			t.HitsB++
		} else {
			t.MissesB++
		}
	}
	if stats.FisherTwoSided(t) >= 0.05 {
		return ""
	}
	return fmt.Sprintf("the environment disturbed %d of the baseline's and %d of the candidate's trials, which "+
		"chance does not explain: leaving them out may favour one", t.HitsA, t.HitsB)
}

// validate finds contradictions in the input: mistakes of the caller, not of
// the servers.
func (in Input) validate() error {
	if err := in.Profile.validate(); err != nil {
		return err
	}
	for _, g := range in.Gates {
		if g.Operation == "" || !(g.Quantile > 0 && g.Quantile < 1) {
			return fmt.Errorf("gate %q at %v; want an operation and a quantile between 0 and 1, such as token at 0.95",
				g.Operation, g.Quantile)
		}
	}
	for _, m := range in.Margins {
		byShare, byTime := m.Fraction > 0 && !math.IsInf(m.Fraction, 0) && m.Time == 0, m.Fraction == 0 && m.Time > 0
		if !byShare && !byTime || !(m.Quantile >= 0 && m.Quantile < 1) {
			return fmt.Errorf("margin %v for %q at quantile %v; want a fraction above 0 such as 0.10, and a quantile "+
				"between 0 and 1", m.Fraction, m.Operation, m.Quantile)
		}
	}
	for _, m := range in.Margins {
		if !(m.Convicts >= 0 && !math.IsInf(m.Convicts, 0)) {
			return fmt.Errorf("margin for %q at quantile %v convicts from %v; want a fraction such as 0.10",
				m.Operation,
				m.Quantile, m.Convicts)
		}
	}
	for _, r := range in.Costs {
		if _, known := CostKindNamed(r.Name); !known || !(r.Margin > 0) || math.IsInf(r.Margin, 0) {
			return fmt.Errorf("cost %q with margin %v; want one of verdict.Costs and a fraction above 0",
				r.Name, r.Margin)
		}
	}
	if in.LeastMargin < 0 {
		return fmt.Errorf("least margin %v; want 0 or more", in.LeastMargin)
	}
	for _, s := range in.SLOs {
		if again, err := ParseSLO(s.String()); err != nil || again != s {
			return fmt.Errorf("SLO %+v is not one that ParseSLO makes", s)
		}
	}
	for i, p := range in.Pairs {
		for _, side := range []Side{Baseline, Candidate} {
			if err := p.on(side).validate(); err != nil {
				return fmt.Errorf("pair %d: %s: %w", i, side, err)
			}
		}
	}
	for i, l := range in.Loose {
		if l.Side != Baseline && l.Side != Candidate {
			return fmt.Errorf("loose trial %d: side %q; want %q or %q", i, l.Side, Baseline, Candidate)
		}
		if err := l.Trial.validate(); err != nil {
			return fmt.Errorf("loose trial %d: %w", i, err)
		}
	}
	for _, m := range in.Merged {
		if m.Side != Baseline && m.Side != Candidate {
			return fmt.Errorf("merged %s: side %q; want %q or %q", m.Operation, m.Side, Baseline, Candidate)
		}
		if err := validQuantiles(m.Quantiles); err != nil {
			return fmt.Errorf("merged %s %s: %w", m.Side, m.Operation, err)
		}
	}
	return nil
}

func (t Trial) validate() error {
	for _, c := range t.Costs {
		if !(c.PerRequest >= 0) || math.IsInf(c.PerRequest, 0) {
			return fmt.Errorf("cost %q is %v; want a finite number from 0", c.Name, c.PerRequest)
		}
	}
	seen := map[string]bool{}
	for _, o := range t.Operations {
		c := o.Counts
		switch {
		case o.Operation == "":
			return fmt.Errorf("an operation without a name")
		case seen[o.Operation]:
			return fmt.Errorf("operation %q appears twice", o.Operation)
		case min(c.Arrivals, c.OK, c.Rejected, c.Invalid, c.Timeout, c.Unreachable) < 0 ||
			c.OK+c.Invalid+c.Errors() > c.Arrivals:
			return fmt.Errorf("operation %q: counts %+v; want none negative and no more outcomes than arrivals",
				o.Operation, c)
		case !(o.Offered >= 0 && o.Achieved >= 0) || math.IsInf(o.Offered+o.Achieved, 0):
			return fmt.Errorf("operation %q: offered %v/s, achieved %v/s; want finite rates", o.Operation, o.Offered,
				o.Achieved)
		}
		seen[o.Operation] = true
		if err := validQuantiles(o.Quantiles); err != nil {
			return fmt.Errorf("operation %q: %w", o.Operation, err)
		}
	}
	return nil
}

func validQuantiles(qs []Quantile) error {
	for i, q := range qs {
		if !(q.At > 0 && q.At <= 1) {
			return fmt.Errorf("quantile %v; want more than 0 and at most 1", q.At)
		}
		if q.Value <= 0 {
			return fmt.Errorf("quantile %v is %v; want a positive response time", q.At, q.Value)
		}
		if slices.ContainsFunc(qs[:i], func(r Quantile) bool { return rounded(r.At) == rounded(q.At) }) {
			return fmt.Errorf("quantile %v appears twice", q.At)
		}
	}
	return nil
}
