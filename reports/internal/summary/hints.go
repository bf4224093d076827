package summary

import (
	"slices"

	"oauthbench/bench"
)

// Hints are what the reader can do about the result with a setting.
func Hints(s *Summary) []string {
	unproved := func(f bench.Flaw) bool { return f.Check == "authentication" }
	if slices.ContainsFunc(s.Run.Trials, func(t bench.Trial) bool { return slices.ContainsFunc(t.Flaws, unproved) }) {
		return []string{"hint: a server that takes any secret by design, as a stub does, is measured with " +
			"--probe-authentication=false: then that is not checked"}
	}
	return nil
}
