package summary

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// NextSteps are what a reader can do about a result that is no pass, the most useful first. Each
// follows from what was measured. There are none for a pass and for figures without a limit.
func NextSteps(s *Summary) []string {
	if d := s.Decision(); d == "" || d == verdict.Pass || d == verdict.Measured {
		return nil
	}
	if len(s.Contradictions) > 0 {
		return []string{"measure again into another folder, and keep this one: run.jsonl holds figures that cannot " +
			"all be true, which is a fault of the program that wrote it or of what changed it"}
	}
	var steps []string
	for _, remedy := range remedies {
		if step := remedy(s); step != "" {
			steps = append(steps, plaintext.Line(step))
		}
	}
	return steps
}

// remedies are the steps against what may be behind such a result, "" where it is not. What
// makes an answer worthless comes first, then what is wrong, then what is slow, then what
// would decide.
var remedies = []func(*Summary) string{
	freeTheMachine, unloadTheGenerator, findWhatStopped, startTheBaseline, readTheLog, checkNoAuthentication,
	reportWrongAnswers,
	makeStateEqual, lowerTheRate, lookAtFailures, goOn, holdSettings, lookAtCosts, findTheRate, acceptTheSlowdown,
	measureLonger,
}

func freeTheMachine(s *Summary) string {
	if s.Decision() != verdict.Invalid || !slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool {
		return len(t.Excluded) > 0 && !t.GeneratorFailed()
	}) {
		return ""
	}
	return "free the machine of what is named above, or let a run wait for it (--wait-quiet 10m); oauthbench " +
		"selftest tells whether this machine can gate"
}

func unloadTheGenerator(s *Summary) string {
	if !slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool { return t.Unable() }) {
		return ""
	}
	return "this machine could not send what was due: lower the rate (--rate), or give the servers fewer of its " +
		"cores (--cpus)"
}

// findWhatStopped is for a generator that did not run: neither a lower rate nor a quieter machine mends that.
func findWhatStopped(s *Summary) string {
	if !slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool { return t.Strain.StoodStill > 0 }) {
		return ""
	}
	return "find what stopped the generator: a signal, the freezer of its control group, or a pause of its virtual " +
		"machine; then measure again"
}

// startTheBaseline is for a baseline without one right answer: nothing can be compared with it.
func startTheBaseline(s *Summary) string {
	i := s.Index(bench.Baseline)
	if s.Decision() != verdict.Invalid || i < 0 || !slices.ContainsFunc(s.Operations, func(op Operation) bool {
		o := op.Sides[i].Outcomes
		return o.Total() > 0 && o.OK+o.Invalid == 0
	}) {
		return ""
	}
	return "measure the baseline alone until it answers: " + alone(s.Sides[i])
}

// alone is the command that measures one version by itself.
func alone(x Side) string {
	return plaintext.Shell([]string{"oauthbench", "run", "--target", x.Deployment.Name})
}

func readTheLog(s *Summary) string {
	for _, x := range s.Sides {
		for _, t := range s.Run.Trials {
			if t.Role == x.Role && (t.Died != "" || len(t.Causes) > 0) {
				if !s.Compared() {
					return "mend first what its own parts say is wrong, then measure it again"
				}
				return "mend first what its own parts say is wrong" + s.OnThe(x) + ", then measure it alone: " +
					alone(x)
			}
		}
	}
	return ""
}

// checkNoAuthentication is for servers that take any secret by design.
func checkNoAuthentication(s *Summary) string {
	unproved := func(f bench.Flaw) bool { return f.Check == "authentication" }
	if !slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool { return slices.ContainsFunc(t.Flaws, unproved) }) {
		return ""
	}
	return "a server that takes any secret by design, as a stub does, is measured with --probe-authentication=false: " +
		"then that is not checked"
}

func reportWrongAnswers(s *Summary) string {
	wrong := map[bench.Role]bool{}
	for _, t := range s.Run.Trials {
		wrong[t.Role] = wrong[t.Role] || len(t.Flaws) > 0 ||
			slices.ContainsFunc(t.Measurements, func(m bench.Measurement) bool { return m.Outcomes.Invalid > 0 })
	}
	if !wrong[bench.Candidate] {
		return ""
	}
	step := "report the wrong answers to the server's makers: report.html has each kind with the section of its " +
		"specification, and --seed " + strconv.FormatUint(s.Run.Seed, 10) + " asks the same again"
	if s.Compared() && !wrong[bench.Baseline] {
		step = "do not upgrade before they are mended; " + step
	}
	return step
}

// makeStateEqual is for a slower server that ran already: it may be the one with more in its tables.
func makeStateEqual(s *Summary) string {
	slower := func(c verdict.Comparison) bool { return c.Decision == verdict.Regression }
	ranAlready := func(side Side) bool { return side.Deployment.Server == "external" }
	if s.Decision() != verdict.Regression || !slices.ContainsFunc(s.Verdict.Comparisons, slower) ||
		!slices.ContainsFunc(s.Sides, ranAlready) {
		return ""
	}
	return "the state of the two servers was not made equal: what each held before this run is not known, and an " +
		"earlier run leaves its tokens; before the version is blamed, clear both or fill both alike"
}

// findTheRate is for a limit that the candidate missed, and would keep at a lower rate.
func findTheRate(s *Summary) string {
	if d := s.Decision(); d != verdict.Regression && d != verdict.Failed || failsByItself(s, bench.Candidate) {
		return ""
	}
	for _, r := range s.Verdict.SLOs {
		if r.Side != verdict.Candidate || !r.Known() || r.Held || r.SLO.Metric == "invalid" {
			continue
		}
		i := s.Index(bench.Candidate)
		if i < 0 {
			return ""
		}
		return "find the rate at which it keeps the limit: " + plaintext.Shell([]string{"oauthbench", "capacity",
			"--target", s.Sides[i].Deployment.Name, "--slo", r.SLO.String()})
	}
	return ""
}

// convicted are the comparisons of response times that were found slower.
func convicted(s *Summary) []verdict.Comparison {
	return slices.DeleteFunc(slices.Clone(s.Verdict.Comparisons), func(c verdict.Comparison) bool {
		return !c.Tested() || c.Decision != verdict.Regression
	})
}

// holdSettings tells a version from its settings.
func holdSettings(s *Summary) string {
	if s.Decision() != verdict.Regression || len(convicted(s)) == 0 || !s.Compared() {
		return ""
	}
	before, after := s.Sides[0].Deployment, s.Sides[1].Deployment
	var differ []string
	for _, f := range Differences(s) {
		if _, set := after.Settings[f.Name]; set && before.Settings[f.Name] != "" && len(differ) < 2 {
			differ = append(differ, fmt.Sprintf("%s as it was (%s)", f.Name, units.Clip(f.Values[0], 24)))
		}
	}
	if differ == nil {
		return ""
	}
	return "tell the version from its settings: compare with a candidate that has " + strings.Join(differ, " and ")
}

// lookAtCosts names what a slower candidate spends more of, or says that it waits.
func lookAtCosts(s *Summary) string {
	if s.Decision() != verdict.Regression || len(convicted(s)) == 0 && !slices.ContainsFunc(s.Verdict.Costs,
		func(c verdict.Comparison) bool { return c.Decision == verdict.Regression }) {
		return ""
	}
	dearer := slices.DeleteFunc(slices.Clone(s.Verdict.Costs), func(c verdict.Comparison) bool {
		return !units.Finite(c.Ratio.Estimate) || c.Ratio.Low <= 1
	})
	if len(dearer) > 0 {
		worst := slices.MaxFunc(dearer, func(a, b verdict.Comparison) int {
			return cmp.Compare(a.Ratio.Estimate, b.Ratio.Estimate)
		})
		return fmt.Sprintf("look first at %s, which changed by %s", worst.Name(), Change(&worst))
	}
	if len(s.Verdict.Costs) == 0 {
		return ""
	}
	return "no cost of a request rose: look for what waits, such as locks, disks, pools and pauses"
}

// acceptTheSlowdown names the margin with which a slower candidate would be asked for less.
func acceptTheSlowdown(s *Summary) string {
	if s.Decision() != verdict.Regression || !s.Verdict.ByPercentiles {
		return ""
	}
	all := slices.DeleteFunc(convicted(s), func(c verdict.Comparison) bool { return !units.Finite(c.Ratio.High) })
	if len(all) == 0 {
		return ""
	}
	worst := slices.MaxFunc(all, func(a, b verdict.Comparison) int { return cmp.Compare(a.Ratio.High, b.Ratio.High) })
	const step = 5 // per cent
	margin := step * math.Ceil(100*(worst.Ratio.High-1)/step)
	return fmt.Sprintf("if that much does not matter, say so before the next run: --margin '%s %.0f%%'",
		strings.ToLower(worst.Name()), margin)
}

// goOn is for a run that has units of its plan left.
func goOn(s *Summary) string {
	if s.Decision() != verdict.Inconclusive || !s.Compared() || s.Verdict.Units >= s.Verdict.Planned ||
		s.Run.End != nil && len(s.Run.End.Stopped) > 0 {
		return ""
	}
	return fmt.Sprintf("go on with it, for %d of %s are measured: oauthbench compare --extend FOLDER", s.Verdict.Units,
		units.Plural(s.Verdict.Planned, string(s.Verdict.Unit)))
}

// measureLonger says what would decide what this run could not.
func measureLonger(s *Summary) string {
	if s.Decision() != verdict.Inconclusive || !s.Compared() {
		return ""
	}
	if s.Run.End != nil && len(s.Run.End.Stopped) > 0 {
		return "take a quieter machine: oauthbench selftest measures this one's noise, and the slowdown that each " +
			"profile would notice here"
	}
	var worst *verdict.Comparison
	for i := range s.Verdict.Comparisons {
		c := &s.Verdict.Comparisons[i]
		if c.Gating && !Decided(c) && c.UnitsNeeded > s.Verdict.Planned &&
			(worst == nil || c.UnitsNeeded > worst.UnitsNeeded) {
			worst = c
		}
	}
	if worst == nil {
		return widenMargin(s)
	}
	step := fmt.Sprintf("measure longer: %s may take %s", worst.Name(), units.Plural(worst.UnitsNeeded,
		string(worst.UnitName)))
	if d := budgetFor(s, worst.UnitsNeeded); d > 0 {
		step += fmt.Sprintf(", about %s here", d)
	}
	if s.Verdict.Profile == "quick" {
		step += "; --profile ci has more"
	}
	if units.Finite(worst.Certifiable) && worst.Certifiable > worst.Margin {
		step += fmt.Sprintf("; this run could certify %s", units.Margin(math.Ceil(100*worst.Certifiable)/100))
	}
	return step
}

// widenMargin is for a comparison that chance left undecided though there were enough units.
func widenMargin(s *Summary) string {
	var worst *verdict.Comparison
	for i := range s.Verdict.Comparisons {
		c := &s.Verdict.Comparisons[i]
		if c.Gating && !Decided(c) && units.Finite(c.Certifiable) && c.Certifiable > c.Margin &&
			(worst == nil || c.Certifiable > worst.Certifiable) {
			worst = c
		}
	}
	if worst == nil {
		return ""
	}
	step := "measure again into another folder"
	if s.Verdict.Profile == "quick" {
		step += ", with more pairs (--profile ci)"
	}
	return fmt.Sprintf("%s; or say before it, if so much does not matter, --margin '%s %.0f%%'", step,
		strings.ToLower(worst.Name()), math.Ceil(100*worst.Certifiable))
}

// budgetFor is about how long so many units take, by how long this run's took; 0 when not known.
func budgetFor(s *Summary, n int) time.Duration {
	if s.Run.End == nil || s.Verdict.Units == 0 || !s.Run.End.At.After(s.Run.Started) {
		return 0
	}
	each := s.Run.End.At.Sub(s.Run.Started) / time.Duration(s.Verdict.Units)
	return (each * time.Duration(n)).Round(time.Minute)
}
