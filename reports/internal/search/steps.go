package search

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Steps are what a reader can do next, the most useful first: against what kept the search from an
// answer, then about what was found, then with it. Each follows from what was measured.
func Steps(s *Search) []string {
	var all []string
	for _, next := range nextSteps {
		if step := next(s); step != "" {
			all = append(all, plaintext.Line(step))
		}
	}
	return all
}

// nextSteps are all there are, "" where one does not apply.
var nextSteps = []func(*Search) string{
	makeRoom, quietDown, goOn, reportWrong, loosen, lookAtSoak, lookAtCost, allowLess, searchMore, sendFromElsewhere,
	moveTheLimit, letItSoak, sizeWithIt,
}

// ended tells whether the search on any side ended so.
func ended(s *Search, as capacity.Ending) bool {
	return slices.ContainsFunc(s.Sides, func(x searches.Searched) bool { return x.Ending == as })
}

// makeRoom is for a part of a server whose disk was full: whatever else was seen may come from that.
func makeRoom(s *Search) string {
	if !slices.ContainsFunc(s.Sides, func(x searches.Searched) bool { return x.DiskFull != "" }) {
		return ""
	}
	return "make room on the disk that was full, then search again into another folder"
}

// quietDown is for searches that were disturbed until they ended, by other programs or by what this machine
// lacks.
func quietDown(s *Search) string {
	if !ended(s, capacity.Unfinished) {
		return ""
	}
	for _, x := range s.Sides {
		points := x.Searches[len(x.Searches)-1].Points
		if len(points) == 0 || points[len(points)-1].Disturbed == "" {
			continue
		}
		switch last := &s.Run.Trials[points[len(points)-1].Trial]; {
		case last.Unable():
			return "raise the limit of this machine that is named above, or send from another one"
		case last.Strain.StoodStill > 0:
			return "find what stopped the generator: a signal, the freezer of its control group, or a pause of its " +
				"virtual machine"
		}
		return "free the machine of what is named above, or let the search wait for it (--wait-quiet 10m)"
	}
	return ""
}

func goOn(s *Search) string {
	if !ended(s, capacity.Unfinished) || !s.Run.Resumable() {
		return ""
	}
	return "go on with it, trials that are stored count: oauthbench capacity --resume FOLDER --budget 30m"
}

func reportWrong(s *Search) string {
	if !slices.ContainsFunc(s.Sides, func(x searches.Searched) bool {
		return x.Role == bench.Candidate && (x.Wrong > 0 || len(x.Flaws) > 0)
	}) {
		return ""
	}
	return "report the wrong answers to the server's makers, for a rate that is carried with them is none: " +
		"report.html " +
		"has each kind, and --seed " + strconv.FormatUint(s.Run.Seed, 10) + " asks the same again"
}

// loosen is for limits that no rate keeps.
func loosen(s *Search) string {
	for _, x := range s.Sides {
		if x.Ending == capacity.Unreachable {
			return "look at single requests, for a limit below what one takes is kept at no rate: " + plaintext.Shell(
				[]string{"oauthbench", "run", "--target", x.Deployment, "--rate", "1/s"})
		}
	}
	return ""
}

func lookAtSoak(s *Search) string {
	for _, x := range s.Sides {
		if x.SoakHeld != nil && !*x.SoakHeld {
			return fmt.Sprintf("find what fills up over time before the rate is planned with: oauthbench run "+
				"--target %s "+
				"--rate %s --duration %v", plaintext.Shell([]string{x.Deployment}),
				units.Rate(capacity.SoakShare*x.Rate),
				2*s.Rule.Soak)
		}
	}
	return ""
}

// lookAtCost sets what a request costs the two versions beside each other.
func lookAtCost(s *Search) string {
	if !s.Compared() || s.Decision != verdict.Regression {
		return ""
	}
	for _, r := range resources[:2] {
		before, after := r.of(s.at(&s.Sides[0])), r.of(s.at(&s.Sides[1]))
		if before != "" && after != "" {
			return fmt.Sprintf("look first at %s where each is certified: %s before, %s now", r.short, before, after)
		}
	}
	return ""
}

// allowLess names the margin with which the candidate would carry enough.
func allowLess(s *Search) string {
	if !s.Compared() || s.Ratio == nil || s.Decision != verdict.Regression && s.Decision != verdict.Inconclusive ||
		s.Ratio.Low >= 1-s.Rule.Margin || s.Ratio.Low <= 0 {
		return ""
	}
	const step = 5 // per cent
	margin := step * math.Ceil(100*(1-s.Ratio.Low)/step)
	if margin >= 100 {
		return ""
	}
	return fmt.Sprintf("if that much does not matter, say so before the next search: --margin 'capacity %.0f%%'",
		margin)
}

// searchMore is for a ratio whose interval holds both verdicts.
func searchMore(s *Search) string {
	if !s.Compared() || s.Ratio == nil || s.Decision != verdict.Inconclusive || ended(s, capacity.Unfinished) {
		return ""
	}
	return fmt.Sprintf("search more often: the interval rests on %s of each version; --searches %d, or a "+
		"longer --budget",
		units.Plural(s.Rule.Searches, "search"), max(5, s.Rule.Searches+2))
}

// sendFromElsewhere is for servers that carry more than this generator can send.
func sendFromElsewhere(s *Search) string {
	if !ended(s, capacity.AboveGenerator) {
		return ""
	}
	return "the generator ends first: send from another machine, or give the server fewer of this one's " +
		"cores (--cpus " +
		"server=1) for what one core carries"
}

// experiments are what shows whether a limit is one, by its name: a grid of what would move it.
var experiments = []struct{ limit, anywhere, inContainers string }{
	{"server", "--replicas 1,2", "--vary cpus.server=1,2"},
	{"machine", "--replicas 1,2", "--vary cpus.server=1,2"},
	{"database", "", "--vary cpus.database=1,2"},
	{"connections", "", "--vary pool=10,20,40"},
	{string(bench.WaitCommit), "", "--vary db.synchronous_commit=on,off"},
	{string(bench.WaitDisk), "", "--vary db.shared_buffers=128MB,1GB"},
}

// moveTheLimit names the experiment that shows what more of the limit would bring.
func moveTheLimit(s *Search) string {
	if s.Compared() || s.Sides[0].Ending != capacity.Certified || s.Decision == verdict.Failed {
		return ""
	}
	d := s.Run.Deployments[s.Sides[0].Role]
	for _, e := range experiments {
		if e.limit != s.Limits[0].Limit || d.Server == "external" {
			continue
		}
		vary := e.inContainers
		if d.Server == "embedded" {
			vary = e.anywhere
		}
		if vary == "" {
			return ""
		}
		return fmt.Sprintf("see what more of the limit brings: oauthbench capacity --target %s --slo %s %s",
			plaintext.Shell([]string{d.Name}), plaintext.Shell([]string{s.Rule.Limits[0].String()}), vary)
	}
	return ""
}

func letItSoak(s *Search) string {
	if s.Compared() || s.Sides[0].Ending != capacity.Certified || s.Rule.Soak > 0 || s.Decision == verdict.Failed {
		return ""
	}
	return "see whether it lasts, at nine tenths of the rate: --soak 30m"
}

func sizeWithIt(s *Search) string {
	d := s.Run.Deployments[bench.Candidate]
	if s.Compared() || s.Sides[0].Ending != capacity.Certified || s.Decision == verdict.Failed ||
		d.Server == "external" {
		return ""
	}
	return "see how many instances a peak needs: oauthbench size FOLDER MORE... --peak 'token 300/s'"
}
