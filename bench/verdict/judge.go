package verdict

import (
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// Judge decides about everything observed so far, by the rules of the package
// comment. It returns an error only for an Input that contradicts itself; bad
// data are a Verdict.
//
// A run that stopped at a planned look is judged at that look's level. When
// its data are enough for several looks they are judged once, at the last: use
// Look to stop early.
func Judge(in Input) (Verdict, error) {
	if err := in.validate(); err != nil {
		return Verdict{}, err
	}
	return judge(in), nil
}

// Look judges the data as they were at a planned look, an index into
// Profile.Looks, and says whether the run should stop there: because it is
// decided and no sentinel is suspected, or because this was the last look. Before the units of that look
// are complete it stops for wrong answers only. A runner calls it after each
// look; when told to stop, Judge of the same data gives the same verdict.
func Look(in Input, look int) (stop bool, v Verdict, err error) {
	if err := in.validate(); err != nil {
		return false, Verdict{}, err
	}
	if look < 0 || look >= len(in.Profile.Looks) {
		return false, Verdict{}, fmt.Errorf("look %d: the profile plans %d looks, counted from 0", look,
			len(in.Profile.Looks))
	}
	in.Pairs = in.Profile.first(in.Pairs, in.Profile.Looks[look])
	v = judge(in)
	last := look == len(in.Profile.Looks)-1 && v.Look > look
	return last || v.Decision == Pass && !v.suspects() || v.Decision == Regression || v.Decision == Failed, v, nil
}

// suspects says that a sentinel lies beyond its margin and would be convicted were it the
// only comparison: the run goes on to its next look, where more units may convict it.
func (v *Verdict) suspects() bool {
	return slices.ContainsFunc(v.Comparisons, v.suspected) || slices.ContainsFunc(v.Costs, v.suspected)
}

func (v *Verdict) suspected(c Comparison) bool {
	level := v.Level
	if c.OfCost() {
		level = v.costs.level
	}
	return c.Sentinel && c.Decision != Regression && c.PSlow <= level && c.Ratio.Estimate >= 1+c.Margin
}

// judge collects findings in the order of the package comment; the first
// finding that decides is the decision, and later ones of the same kind add
// their reasons.
func judge(in Input) Verdict {
	v := Verdict{
		Profile: in.Profile.Name, Unit: in.Profile.Unit, Looks: in.Profile.Looks, Planned: in.Profile.Planned(),
		Pairs: len(in.Pairs), Comparisons: []Comparison{},
	}
	pairs := in.Profile.first(in.Pairs, in.Profile.Planned())
	if extra := len(in.Pairs) - len(pairs); extra > 0 {
		v.note("%s measured after the planned %s were not compared: adding data until it passes is no test",
			digits.Count(extra, "pair"), digits.Count(v.Planned, string(v.Unit)))
	}
	valid := undisturbed(pairs)
	v.Excluded = len(pairs) - len(valid)
	v.SLOs = judgeSLOs(in, Baseline, Candidate)
	v.judgePercentiles(in, pairs, valid)
	v.costs = judgedCosts(in, in.Pairs)
	v.Costs = v.costs.comparisons

	wrong, alike := wrongAnswers(in.answered(), Candidate), wrongAlike(in.answered())
	if !alike {
		v.find(Regression, wrong...)
	}
	v.judgeDeaths(in.answered())
	for _, text := range slices.Concat(unverified(in.answered()), outages(in.answered()), in.oneSided()) {
		v.doubt(text)
	}
	// What was refused, was lost or died is no noise: it is judged before the machine is,
	// on disturbed trials too.
	if v.Decision == "" {
		v.judgeErrors(in, pairs)
	}
	if v.Decision == "" {
		v.judgeCandidateSLOs(in, counted)
	}
	if v.Decision == "" {
		v.judgeCosts(in, pairs)
	}
	if v.Decision == "" {
		if why := uncomparable(pairs); len(why) > 0 {
			v.find(Invalid, append(why, v.doubts...)...) // Of what was away or refused it must still be read.
		}
	}
	if v.Decision == "" {
		v.judgeCandidateSLOs(in, timed)
	}
	if v.Decision == "" {
		v.settle(in)
	}
	if alike && len(wrong) > 0 {
		v.failAlike(wrong)
	}
	v.remark(in, pairs)
	return v
}

// find makes d the decision, unless another was found before.
func (v *Verdict) find(d Decision, reasons ...string) {
	if len(reasons) == 0 || v.Decision != "" && v.Decision != d {
		return
	}
	v.Decision = d
	v.Reasons = append(v.Reasons, reasons...)
}

func (v *Verdict) note(format string, args ...any) {
	v.Notes = append(v.Notes, fmt.Sprintf(format, args...))
}

func (v *Verdict) warn(format string, args ...any) {
	v.Warnings = append(v.Warnings, fmt.Sprintf(format, args...))
}

// judgePercentiles fills in the comparisons: per-protocol, and beside it all
// pairs when some were left out.
func (v *Verdict) judgePercentiles(in Input, pairs, valid []Pair) {
	judged := judgePercentiles(in, valid)
	v.PerProtocol, v.IntentionToTreat = judged.decision, judged.decision
	if v.Excluded > 0 {
		v.IntentionToTreat = judgePercentiles(in, pairs).decision
		v.lopsided = lopsided(pairs)
	}
	v.Comparisons = append(v.Comparisons, judged.comparisons...)
	v.unsteady, v.hiding, v.shared = judged.unsteady, judged.hiding, judged.shared
	v.Controls, v.Units, v.Look, v.Level = judged.controls, judged.units, judged.look, judged.level.Nominal
}

// short says why an otherwise clean run may not decide, or "".
func (v *Verdict) short(in Input) string {
	if in.Interrupted {
		return fmt.Sprintf("interrupted after %d of %s: nothing is decided from a part of the plan", v.Units,
			digits.Count(v.Planned, string(v.Unit)))
	}
	if first := in.Profile.Looks[0]; v.Units < first {
		return fmt.Sprintf("%d of %s measured: nothing is decided before", v.Units,
			digits.Count(first, "valid "+string(v.Unit)))
	}
	return ""
}

// judgeErrors holds error ratios against the limit and compares them. A short run can
// show the excess, and is inconclusive.
func (v *Verdict) judgeErrors(in Input, pairs []Pair) {
	changes := errorChanges(in.Profile, pairs)
	v.judgeErrorLimit(in, pairs, changes)
	units := len(in.Profile.units(pairs))
	level, look := in.Profile.level(units)
	for _, e := range changes {
		dead := e.candidate.OK == 0 && e.candidate.Invalid == 0 && e.baseline.OK > 0
		switch {
		case dead && !in.Interrupted:
			v.find(Regression, fmt.Sprintf("%v: the candidate never answered properly", e))
		case e.pooled >= errorLevel:
		case e.rise() < errorFloor:
			v.warn("%v: beyond chance, below the %.2g %% that count", e, 100*errorFloor)
		case look > 0 && !in.Interrupted && e.p <= errorLevel*level.Spent/in.Profile.Alpha:
			v.find(Regression, fmt.Sprintf("%v: more than chance explains (p=%.2g)", e, e.p))
		default:
			v.doubt(fmt.Sprintf("%v, in %d of %s: too few, or too much in bursts, to tell a rise from bad luck", e,
				e.affected, digits.Count(e.units, string(v.Unit))))
		}
	}
}

// judgeErrorLimit convicts a candidate that leaves more requests unanswered than the
// limit allows where the baseline does not, and more than chance explains: of two equal
// versions near the limit one often is above it and the other below. Where both are above,
// the load is too much for both, and nothing is decided.
func (v *Verdict) judgeErrorLimit(in Input, pairs []Pair, changes []errorChange) {
	if len(pairs) == 0 {
		pairs = in.answered() // A run that ended after its warm-ups has seen errors, too.
	}
	candidate, baseline := in.aboveErrorLimit(pairs, Candidate), in.aboveErrorLimit(pairs, Baseline)
	for _, name := range operations(pairs) {
		switch text, other := candidate[name], baseline[name]; {
		case text == "" && other != "":
			v.warn("of the baseline, %s", other)
		case text == "":
		case other != "":
			v.doubt(fmt.Sprintf("%s; so did the baseline: lower the rate, then compare", text))
		case in.Interrupted:
			v.doubt(text + " so far")
		case chanceOf(name, pairs, changes) > errorLevel:
			v.doubt(fmt.Sprintf("%s; the baseline kept it, by no more than chance and bursts explain (p=%.2g)", text,
				chanceOf(name, pairs, changes)))
		default:
			v.find(Regression, text+"; the baseline kept it")
		}
	}
}

// kindsOfSLO are judged at different times: counts before the machine is looked at,
// times after it.
type kindsOfSLO bool

const (
	counted kindsOfSLO = false
	timed   kindsOfSLO = true
)

func (k kindsOfSLO) has(s SLO) bool {
	m, _ := metricNamed(s.Metric)
	return (m.kind == kindTime || s.Metric == "achieved") == bool(k)
}

// judgeCandidateSLOs turns missed limits of the candidate into a regression.
func (v *Verdict) judgeCandidateSLOs(in Input, kinds kindsOfSLO) {
	held := map[string]bool{}
	compared := len(in.Pairs) > 0
	for _, r := range v.SLOs {
		text := r.SLO.String()
		switch {
		case !kinds.has(r.SLO):
		case r.Side == Baseline:
			held[text] = r.Held || !r.Known()
		case !r.Known():
			v.doubt(fmt.Sprintf("SLO %v: the run has no such figure", r))
		case r.Held:
		case in.Interrupted && r.SLO.Metric != "invalid":
			v.doubt(fmt.Sprintf("SLO %v so far", r))
		case held[text] || !compared:
			v.find(Regression, fmt.Sprintf("SLO %v by the candidate", r))
		default:
			v.find(Regression, fmt.Sprintf("SLO %v by the candidate, and by the baseline too", r))
		}
	}
}
