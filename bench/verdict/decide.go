package verdict

import (
	"fmt"
	"math"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// decide sets the decision and the reason of one comparison.
//
// An advisory comparison is judged by the same rules without correction for
// the number of comparisons: it decides nothing. A sentinel is judged by its ratio alone:
// single slow trials of it convict nobody. gates are the tails of all that gate.
func decide(p Profile, c *Comparison, s series, at looked, gates []tail) {
	say := func(d Decision, format string, args ...any) {
		c.Decision = d
		c.Reasons = append(c.Reasons, c.Name()+" "+fmt.Sprintf(format, args...))
	}
	unfit := p.unfit(*c, s)
	outliers, tested := s.tail(c.Margin), gates
	if !c.Gating {
		tested = []tail{outliers}
	}
	limit := at.limit()
	if !c.Tested() {
		limit = at.level.Nominal
	}
	switch unstable := outliers.judge(tested); {
	case c.Units == 0:
		say(Inconclusive, "was not measured on both sides in any undisturbed pair")
	case unfit != "":
		say(Inconclusive, "%s", unfit)
	case at.look == 0 || c.Units < p.Looks[0]:
		say(Inconclusive, "so far %v, from %d of %s", c.Ratio, c.Units, digits.Count(p.Looks[0], string(p.Unit)))
	case c.PAdjusted <= limit && p.beyond(*c):
		say(Regression, "%s", c.convicted())
	case unstable == Regression && !c.Sentinel:
		c.Unstable = true
		say(Regression, "is unstable: %v", outliers)
	case c.PAdjusted <= limit && c.Ratio.Estimate >= 1+c.Convicting() && c.Sentinel:
		say(Inconclusive, "is probably slower: %v; a sentinel convicts only when its whole interval lies above the "+
			"margin of %s", c.Ratio, times(1+c.Margin))
	case c.PAdjusted <= limit && c.Ratio.Estimate >= 1+c.Convicting():
		say(Inconclusive, "is probably slower: %v; the %s profile convicts only when the whole interval lies above "+
			"the margin of %s: a larger profile can tell",
			c.Ratio, p.Name, times(1+c.Margin))
	case unstable == Inconclusive && !c.Sentinel:
		say(Inconclusive, "may be unstable: %v; they come from %s, too few to tell from starts with bad luck",
			outliers, digits.Count(len(outliers.candidate), string(p.Unit)))
	case c.PNonInferior <= at.level.Nominal && c.between():
		say(Inconclusive, "is %v, within the margin of %s, and yet slower beyond chance and by about the %+.3g %% "+
			"from which it convicts: more of the same may convict it", c.Ratio, times(1+c.Margin), 100*c.Convicts)
	case c.PNonInferior <= at.level.Nominal:
		say(Pass, "%s", c.passed())
		if c.Ratio.Low > 1 {
			c.Warnings = append(c.Warnings, c.Name()+" is slower beyond chance, though within the margin")
		}
	default:
		say(Inconclusive, "%s", c.undecided(fmt.Sprintf("look %d of %d", at.look, len(p.Looks)), at.level.Nominal,
			limit, at.tested))
	}
}

// beyond tells whether a comparison lies so far beyond what it convicts from that it does. A gate's estimate
// must; of a sentinel the whole interval, and of every comparison where the profile wants it: nobody
// asked for a sentinel, so that a truth at its margin must not convict every second time.
func (p Profile) beyond(c Comparison) bool {
	if p.BeyondMargin || c.Sentinel {
		return c.Ratio.Low > 1+c.Convicting()
	}
	return c.Ratio.Estimate >= 1+c.Convicting()
}

// between tells whether a comparison that could pass is slower beyond chance, by as much as convicts: its pass is
// withheld, for only the correction for the other comparisons keeps it from being a regression.
func (c Comparison) between() bool {
	return c.Convicts > 0 && c.Ratio.Low > 1 && c.Ratio.Estimate >= 1+c.Convicts
}

// convicted says that a comparison lies beyond what it convicts from.
func (c Comparison) convicted() string {
	if c.Ratio.Estimate >= 1+c.Margin {
		return fmt.Sprintf("is %v, above the margin of %s", c.Ratio, times(1+c.Margin))
	}
	return fmt.Sprintf("is %v, slower beyond chance, and from an estimate of %+.3g %% on it convicts; the margin of "+
		"%s is what noise lets such a run certify", c.Ratio, 100*c.Convicts, times(1+c.Margin))
}

// unfit says why a comparison that was measured can decide nothing, or "".
func (p Profile) unfit(c Comparison, s series) string {
	need, allowed := p.floor(s.quantile)
	switch {
	case c.Gating && !allowed:
		return fmt.Sprintf("is shown and cannot gate in the %s profile, which gates %s", p.Name, p.gatedQuantiles())
	case c.Gating && s.shortOf(need):
		return "cannot gate: " + tooFewRequests(s, need)
	case s.censored(Baseline) && s.censored(Candidate):
		return fmt.Sprintf("is a failed request on both sides (%s of the baseline's and %s of the candidate's "+
			"arrivals failed): lower the rate, then compare",
			share(s.counts[Baseline]), share(s.counts[Candidate]))
	}
	return ""
}

func (c Comparison) passed() string {
	switch {
	case c.Ratio.High < 1:
		return fmt.Sprintf("is %v: faster", c.Ratio)
	}
	return fmt.Sprintf("is %v, within the margin of %s", c.Ratio, times(1+c.Margin))
}

// undecided says what is missing: less noise, a later look, or a truth that
// does not lie at the margin. nominal and limit are the p values that a pass
// and a regression need at this look.
func (c Comparison) undecided(look string, nominal, limit float64, gates int) string {
	text := fmt.Sprintf("cannot tell yet: %v", c.Ratio)
	switch {
	case finite(c.Certifiable) == nil:
		return text
	case c.Ratio.Estimate >= 1+c.Convicting() && c.PSlow <= limit:
		return text + fmt.Sprintf(", above %s; with %d comparisons that can convict %s needs p <= "+
			"%.2g and this is %.2g", c.convictsFrom(), gates, look, limit, c.PAdjusted)
	case c.Ratio.Estimate >= 1+c.Margin:
		return text + fmt.Sprintf(", above the margin of %s, which chance alone could do; p=%.2g, %s needs %.2g",
			times(1+c.Margin), c.PAdjusted, look, limit)
	case c.Certifiable <= c.Margin:
		text += fmt.Sprintf(", inside the margin of %s, but %s needs p <= %.2g and this is %.2g", times(1+c.Margin),
			look,
			nominal, c.PNonInferior)
	default:
		text += fmt.Sprintf("; this run could certify a margin of %+.0f %%, yours is %.3g %%",
			math.Ceil(100*c.Certifiable), 100*c.Margin)
	}
	if more := c.UnitsNeeded - c.Units; more > 0 {
		text += fmt.Sprintf("; about %s would do, if it is no slower", digits.Count(more, "more "+string(c.UnitName)))
	} else if c.Ratio.Low > 1 {
		text += "; it is slower, by about the margin: more of the same may not decide"
	}
	return text
}

// convictsFrom names what a comparison convicts from.
func (c Comparison) convictsFrom() string {
	if c.Convicts > 0 {
		return fmt.Sprintf("the %+.3g %% from which on it convicts", 100*c.Convicts)
	}
	return "the margin of " + times(1+c.Margin)
}

func (p Profile) gatedQuantiles() string {
	text := ""
	for i, f := range p.Floors {
		if i > 0 {
			text += ", "
		}
		text += Percentile(f.Quantile)
	}
	return text
}

func tooFewRequests(s series, need int) string {
	return fmt.Sprintf("%s %s needs %d requests a trial and had %.0f", s.operation, Percentile(s.quantile), need,
		s.requestsPerTrial())
}

// censored says that so many arrivals failed that the quantile is a failed
// one: its value is the time-out, not the server's.
func (s series) censored(side Side) bool {
	c := s.counts[side]
	return c.Arrivals > 0 && float64(c.Errors()) > (1-s.quantile)*float64(c.Arrivals)
}

// share prints the failed part of the arrivals.
func share(c Counts) string {
	return fmt.Sprintf("%.3g %%", 100*float64(c.Errors())/float64(max(c.Arrivals, 1)))
}
