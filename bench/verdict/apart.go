package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// Apart is a candidate measured now against a baseline that was measured at another
// time. There are no pairs, so nothing cancels what the machine does differently today;
// JudgeApart says so in its first note, and asks more of a regression.
type Apart struct {
	// Design gives the unit, alpha, the floors and all limits; its looks are not used.
	// With UnitEpoch the trials of an epoch count as one. SLOs are judged on the candidate.
	Design
	// Baseline and Candidate are the trials in the order of measurement.
	Baseline, Candidate []Single
	// Loose are the candidate's trials whose answers count and whose times do not.
	Loose       []Loose
	Merged      []Merged
	Interrupted bool
	// Machine is what the generator spent per request now over what it spent then, 0
	// when not known. The generator does the same work for both, so that a ratio far
	// from 1 means another machine, or the same in another mood.
	Machine float64
}

// Single is a trial that has no partner.
type Single struct {
	Epoch int
	Trial Trial
}

// machineDrift is the change of the generator's cost beyond which two sessions are not
// compared, as a fraction either way. It is coarse: the cost is read in ticks of 10 ms.
const machineDrift = 0.25

// ApartNote opens the notes of every verdict of JudgeApart.
const ApartNote = "not measured side by side: whatever the machine did differently then and now is taken for the " +
	"candidate; a side-by-side run is better"

// JudgeApart decides as Judge does, with these differences. The units are compared by
// Wilcoxon's exact rank-sum test and the Hodges-Lehmann estimate of the shift of their
// log-quantiles. A comparison regresses only when "slower by at most the margin" is
// rejected, not merely "not slower": a session as a whole may be a few percent slower.
// There are no planned looks, no negative control and no intention-to-treat. A pass and
// a regression are both withheld when the machine itself has changed.
func JudgeApart(a Apart) (Verdict, error) {
	in := a.input()
	if err := in.validate(); err != nil {
		return Verdict{}, err
	}
	v := Verdict{Profile: a.Profile.Name, Unit: a.Profile.Unit, Planned: a.Profile.Planned(),
		Comparisons: []Comparison{}}
	v.note(ApartNote)
	v.SLOs = judgeSLOs(in, Candidate)
	v.compareApart(a, in)
	wrong, alike := wrongAnswers(in.answered(), Candidate), wrongAlike(in.answered())
	if !alike {
		v.find(Regression, wrong...)
	}
	v.judgeDeaths(in.answered())
	for _, text := range append(unverified(in.answered()), outages(in.answered())...) {
		v.doubt(text)
	}
	// As in judge: what was refused, was lost or died is judged before the machine is.
	if v.Decision == "" {
		v.errorsApart(in)
	}
	if v.Decision == "" {
		v.judgeCandidateSLOs(in, counted)
	}
	if v.Decision == "" {
		v.find(Invalid, a.unusable()...)
		v.find(Invalid, unanswered(in.Pairs)...)
	}
	if v.Decision == "" {
		v.judgeCandidateSLOs(in, timed)
	}
	if v.Decision == "" {
		v.settleApart(a, in)
	}
	if alike && len(wrong) > 0 {
		v.failAlike(wrong)
	}
	if a.Profile.Unit == UnitPair && !a.Profile.FreshPairs {
		v.note("one start per version: restart effects are not covered")
	}
	return v, nil
}

// input puts the trials side by side in the order of measurement: for counting, not
// for comparing.
func (a Apart) input() Input {
	in := Input{Design: a.Design, Loose: a.Loose, Merged: a.Merged, Interrupted: a.Interrupted}
	for i := range max(len(a.Baseline), len(a.Candidate)) {
		p := Pair{Epoch: i, Block: i}
		if i < len(a.Baseline) {
			p.Baseline = a.Baseline[i].Trial
		}
		if i < len(a.Candidate) {
			p.Candidate = a.Candidate[i].Trial
		}
		in.Pairs = append(in.Pairs, p)
	}
	in.Profile.Unit, in.Profile.PairsPerEpoch = UnitPair, 1
	return in
}

// unusable returns why the two sessions cannot be compared, or nothing.
func (a Apart) unusable() []string {
	if len(a.Baseline) == 0 || len(a.Candidate) == 0 {
		return []string{"one of the versions has no trial: there is nothing to compare"}
	}
	disturbed := 0
	for _, s := range a.Candidate {
		if len(s.Trial.Disturbed) > 0 {
			disturbed++
		}
	}
	if float64(disturbed) > maxDisturbed*float64(len(a.Candidate)) {
		return []string{fmt.Sprintf("%d of the candidate's %d trials were disturbed from outside: free the machine "+
			"and run again", disturbed, len(a.Candidate))}
	}
	return nil
}

// errorsApart is judgeErrors without looks.
func (v *Verdict) errorsApart(in Input) {
	changes := errorChanges(in.Profile, in.Pairs)
	v.judgeErrorLimit(in, in.Pairs, changes)
	for _, e := range changes {
		switch {
		case e.pooled >= errorLevel:
		case e.rise() < errorFloor:
			v.warn("%v: beyond chance, below the %.2g %% that count", e, 100*errorFloor)
		case e.p <= errorLevel && !in.Interrupted:
			v.find(Regression, fmt.Sprintf("%v: more than chance explains (p=%.2g)", e, e.p))
		default:
			v.doubt(fmt.Sprintf("%v: too few, or too much in bursts, to tell a rise from bad luck", e))
		}
	}
}

// alone returns the log-quantiles of one operation, one value per unit: a trial, or the
// Hodges-Lehmann centre of an epoch's trials.
func (p Profile) alone(trials []Single, operation string, quantile float64) (units []float64, counts Counts,
	recorded int) {
	var order []int
	values := map[int][]float64{}
	for i, s := range trials {
		o, ok := s.Trial.observation(operation)
		if !ok || len(s.Trial.Disturbed) > 0 {
			continue
		}
		q, ok := o.quantile(quantile)
		if !ok {
			continue
		}
		unit := i
		if p.Unit == UnitEpoch {
			unit = s.Epoch
		}
		if values[unit] == nil {
			order = append(order, unit)
		}
		values[unit] = append(values[unit], math.Log(float64(q)))
		counts = counts.Plus(o.Counts)
		recorded++
	}
	for _, unit := range order {
		units = append(units, stats.HodgesLehmann(values[unit]))
	}
	return units, counts, recorded
}

// compareApart fills in the comparisons.
func (v *Verdict) compareApart(a Apart, in Input) {
	var p []float64
	var gating []int
	var all []series
	for _, g := range a.observed() {
		then, countsThen, recorded := a.Profile.alone(a.Baseline, g.Operation, g.Quantile)
		now, countsNow, more := a.Profile.alone(a.Candidate, g.Operation, g.Quantile)
		c := Comparison{
			Operation: g.Operation, Quantile: g.Quantile, Margin: in.margin(g.Operation, g.Quantile, then),
			UnitName: a.Profile.Unit, MDE80: math.NaN(), Certifiable: math.NaN(), PNonInferior: math.NaN(),
			Baseline:  in.merged(Baseline, g.Operation, g.Quantile),
			Candidate: in.merged(Candidate, g.Operation, g.Quantile),
		}
		c.Warnings = in.leastMarginApplies(c, then)
		shifts := stats.NewShifts(then, now)
		tolerated := math.Log1p(c.Margin)
		low, high := shifts.Lower(bound95).Value, shifts.Upper(bound95).Value
		c.Units = min(len(then), len(now))
		c.Ratio = Interval{math.Exp(shifts.HodgesLehmann()), math.Exp(low), math.Exp(high)}
		c.PSlow, c.PNonInferior = shifts.PAbove(0), shifts.PBelow(tolerated-rounding)
		c.PAdjusted = shifts.PAbove(tolerated) // corrected below
		if !math.IsInf(high, 0) {
			c.Certifiable = math.Expm1(high)
		}
		s := series{operation: g.Operation, quantile: rounded(g.Quantile), recorded: recorded + more,
			counts: map[Side]Counts{Baseline: countsThen, Candidate: countsNow}}
		c.Gating = in.gates(s, &c)
		v.Units = max(v.Units, c.Units)
		if c.Gating {
			p, gating = append(p, c.PAdjusted), append(gating, len(v.Comparisons))
		}
		v.Comparisons, all = append(v.Comparisons, c), append(all, s)
	}
	for k, adjusted := range stats.Holm(p) {
		v.Comparisons[gating[k]].PAdjusted = adjusted
	}
	for i := range v.Comparisons {
		v.Comparisons[i].decideApart(a.Profile, all[i])
		v.Warnings = append(v.Warnings, v.Comparisons[i].Warnings...)
	}
	v.PerProtocol = combine(v.Comparisons)
}

// observed lists every operation and quantile of the candidate, and every gate: one
// that vanished must not pass.
func (a Apart) observed() []Gate {
	var all []Gate
	add := func(g Gate) {
		if !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	for _, s := range a.Candidate {
		for _, o := range s.Trial.Operations {
			for _, q := range o.Quantiles {
				add(Gate{o.Operation, rounded(q.At)})
			}
		}
	}
	for _, g := range a.Gates {
		add(Gate{g.Operation, rounded(g.Quantile)})
	}
	return all
}

func (c *Comparison) decideApart(p Profile, s series) {
	say := func(d Decision, format string, args ...any) {
		c.Decision = d
		c.Reasons = append(c.Reasons, c.Name()+" "+fmt.Sprintf(format, args...))
	}
	switch unfit := p.unfit(*c, s); {
	case c.Units == 0:
		say(Inconclusive, "was not measured both times")
	case unfit != "":
		say(Inconclusive, "%s", unfit)
	case c.PAdjusted <= p.Alpha:
		say(Regression, "is %v, beyond the margin of %s (p=%.2g)", c.Ratio, times(1+c.Margin), c.PAdjusted)
	case c.PNonInferior <= p.Alpha:
		say(Pass, "%s", c.passed())
	case math.IsNaN(c.Certifiable):
		say(Inconclusive, "cannot be told from %s on one side: a comparison by the profile %s has at least %d",
			digits.Count(c.Units, string(c.UnitName)), p.Name, p.Looks[0])
	default:
		say(Inconclusive, "cannot be told: %v, the margin is %s", c.Ratio, times(1+c.Margin))
	}
}

// settleApart decides by the percentiles.
func (v *Verdict) settleApart(a Apart, in Input) {
	if a.Interrupted {
		v.find(Inconclusive, "interrupted: nothing is decided from a part of the plan")
	}
	if a.Machine > 0 && math.Abs(math.Log(a.Machine)) > math.Log1p(machineDrift) {
		v.find(Inconclusive, fmt.Sprintf("the machine has changed: the generator itself spends %.2f times as much "+
			"CPU time per request as when the baseline was measured", a.Machine))
	}
	switch v.PerProtocol {
	case Invalid:
		v.find(Invalid, "no operation has enough requests for a gating percentile: lengthen the trials or "+
			"raise the rate")
	case Regression:
		v.find(Regression, v.reasonsFor(Regression)...)
	}
	v.find(Inconclusive, wrongBaseline(in)...)
	v.find(Inconclusive, v.doubts...)
	v.find(Inconclusive, v.reasonsFor(Inconclusive)...)
	if v.Decision == "" {
		v.find(Pass, v.reasonsFor(Pass)...)
	}
}
