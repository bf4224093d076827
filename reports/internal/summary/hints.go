package summary

import (
	"slices"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Hints are what the reader can do about the result.
func Hints(s *Summary) []string {
	var all []string
	unproved := func(f bench.Flaw) bool { return f.Check == "authentication" }
	if slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool { return slices.ContainsFunc(t.Flaws, unproved) }) {
		all = append(all, "hint: a server that takes any secret by design, as a stub does, is measured with "+
			"--probe-authentication=false: then that is not checked")
	}
	slower := func(c verdict.Comparison) bool { return c.Decision == verdict.Regression }
	ranAlready := func(side Side) bool { return side.Deployment.Server == "external" }
	if s.Decision() == verdict.Regression && slices.ContainsFunc(s.Verdict.Comparisons, slower) &&
		slices.ContainsFunc(s.Sides, ranAlready) {
		all = append(all, "hint: the state of the two servers was not made equal: what each held before this run is "+
			"not known, and an earlier run leaves its tokens; before the version is blamed, clear both or "+
			"fill both alike")
	}
	return all
}
