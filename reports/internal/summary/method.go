package summary

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Method says in plain words how the figures came about, one paragraph each, and
// what they do not cover.
func Method(s *Summary) []string { return append(General(s.Compared()), designWords(s)...) }

// General is what holds of every run.
func General(compared bool) []string {
	text := []string{
		"Requests were sent by a schedule drawn before the clock started (open loop). Response time runs from when a " +
			"request was due to the last byte of its answer, so that waiting behind a stalled server counts for " +
			"everybody who waited.",
		"A request that failed counts as at least the timeout, so that a server cannot look fast by failing fast. " +
			"Outcomes are kept apart: rejected is an unexpected refusal, invalid a wrong answer, timeout no answer " +
			"in time, unreachable no connection.",
		"Percentiles in tables and bold curves come from all valid trials' requests together, with three significant " +
			"digits; percentiles are never averaged.",
	}
	if compared {
		text = append(text, "Both versions took turns in pairs of adjacent trials with the same schedule, in an "+
			"order decided by coin flips. The ratio is estimated from the pairs (Hodges-Lehmann), its 90 % interval "+
			"from the exact signed-rank distribution; it is not the quotient of the two columns. A comparison passes "+
			"when the whole interval lies below the margin, beyond chance; it regresses when the candidate is slower "+
			"beyond chance and by the margin or more; otherwise it is undecided and shows ~.")
	}
	if compared {
		text = append(text, "What requests cost is compared on the same pairs by the same test, as far as the servers "+
			"tell: processor time of server and database, statements, rows and transactions, bytes allocated. Other "+
			"programs hardly change a cost. It cannot see what takes time and no work: locks, waits, pauses of a "+
			"garbage collector.")
	}
	return append(text, "A trial is excluded only for what lies outside both versions: other programs or the "+
		"hypervisor taking processor time, a generator that was itself too busy, a clock that was set. How slow a "+
		"server was, its errors and send lag never exclude a trial.",
		"Times are what one client on this machine saw. Generator and server may share its cores.")
}

// designWords is how this run was made and judged.
func designWords(s *Summary) []string {
	var text []string
	v := audited(s.Verdict, s.Contradictions)
	if v.Units > 0 || v.Planned > 0 {
		line := fmt.Sprintf("Design: profile %s, %s of %d planned", plaintext.Line(v.Profile),
			units.Plural(v.Units, string(v.Unit)), v.Planned)
		if v.Look > 0 {
			line += fmt.Sprintf(", judged at look %d of %d at the level %.4g", v.Look, len(v.Looks), v.Level)
		}
		if v.Excluded > 0 {
			line += ", " + units.Plural(v.Excluded, "pair") + " excluded"
		}
		text = append(text, line+".")
	}
	for _, w := range s.Run.Warmups {
		whose := ""
		if s.Compared() && w.Role != "" {
			whose = " of the " + string(w.Role)
		}
		line := fmt.Sprintf("Warm-up%s, %s: %s before each epoch; P95 in the first 2 s after the start %s, "+
			"afterwards %s.",
			whose, plaintext.Line(w.Deployment), units.Duration(w.Chosen), seen(w.Cold), seen(w.Warm))
		if w.Settled != nil {
			line += fmt.Sprintf(" Its response times were steady after %s (MSER over a pilot of %s).",
				units.Duration(*w.Settled), units.Duration(w.Length))
		}
		text = append(text, line)
	}
	if s.Compared() && v.Units == 0 {
		text = append(text, "No response times of this run were compared, for no pair counts.")
	}
	costs := 0
	for _, c := range v.Costs {
		if c.Units > 0 {
			costs++
		}
	}
	if s.Compared() && costs == 0 {
		text = append(text, "No cost of this run was compared: none was told of both versions in any pair that counts.")
	}
	if v.PerProtocol != "" && v.IntentionToTreat != "" && v.Units > 0 {
		text = append(text, fmt.Sprintf("Response times judged on undisturbed pairs only: %s; on all pairs: %s.",
			v.PerProtocol, v.IntentionToTreat))
	}
	for _, c := range v.Controls {
		if c.Blocks == 0 {
			text = append(text, fmt.Sprintf("Negative control, %s %s: not checked, for there were no blocks in which "+
				"the baseline was measured twice.", plaintext.Line(c.Operation), verdict.Percentile(c.Quantile)))
			continue
		}
		result := "as it should"
		if c.Failed {
			result = "which it should not: the machine changed within blocks"
		}
		agrees := "agrees with itself"
		if c.Failed {
			agrees = "differs from itself"
		}
		text = append(text, fmt.Sprintf("Negative control, %s %s: the baseline %s, %s (×%s %s over %s).",
			plaintext.Line(c.Operation), verdict.Percentile(c.Quantile), agrees, result, units.Factor(c.Ratio.Estimate),
			units.Interval(c.Ratio), units.Plural(c.Blocks, "block")))
	}
	return text
}

// seen is a time that may not have been looked at.
func seen(d time.Duration) string {
	if d == 0 {
		return "not measured"
	}
	return units.Duration(d)
}
