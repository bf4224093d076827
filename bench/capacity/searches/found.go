package searches

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Found is what a run's searches show.
type Found struct {
	Rule     Rule
	Sides    []Searched // the baseline's first
	Decision verdict.Decision
	Reasons  []string
	Ratio    *Ratio // Ratio is candidate over baseline, nil where it is not known.
}

// Searched is what the searches on one deployment show.
type Searched struct {
	Role       bench.Role
	Deployment string
	Searches   []*Log
	Ending     capacity.Ending
	// Rate is the certified rate, of several searches the median of theirs; 0 when none was.
	Rate  float64
	Above float64         // Above is the lowest rate that failed, of the search with that rate; 0 for none.
	Curve *capacity.Curve // Curve is over all trials of all searches, nil without failures or without successes.
	// At has the measurements of the trials at the certified rate, merged by operation.
	At []bench.Measurement
	// AtTrials are the indices of those trials, AboveTrials of those at the lowest rate that failed,
	// BeyondTrials of those that the generator could not send.
	AtTrials, AboveTrials, BeyondTrials []int
	SoakHeld                            *bool
	FirstError                          *FirstError // FirstError is nil when no request failed at any rate.
	Asked                               int64       // Asked are the requests that FirstError was looked for among.
	Broke                               string      // Broke says which operation broke first, "" when none did.
	Wrong                               int64       // Wrong counts wrong answers, of whatever trial.
	Flaws                               []string    // Flaws are what was found wrong beside the load.
	DiskFull                            string      // DiskFull says which part had no room left, "" when all had.
	Findings                            []string    // Findings are what else a reader must know, the gravest first.
}

// FirstError is the lowest rate at which a request failed.
type FirstError struct {
	Rate      float64
	Operation string
	Case      string
	Failed    int64
	Arrivals  int64
}

// Certified is the rate that was confirmed, 0 for none: one that held is not before the search has come to its end.
func (s *Searched) Certified() float64 {
	if s.Ending == capacity.Certified || s.Ending == capacity.AboveGenerator {
		return s.Rate
	}
	return 0
}

// Of reads what a run's searches found.
func Of(run *bench.Run) (Found, error) {
	rule, err := Read(run.Header)
	if err != nil {
		return Found{}, err
	}
	logs, err := Replay(rule, run.Trials)
	if err != nil {
		return Found{}, err
	}
	f := Found{Rule: rule}
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if _, searched := rule.Sides[role]; searched {
			f.Sides = append(f.Sides, side(run, role, logs[role]))
		}
	}
	f.decide(run)
	return f, nil
}

// Replay follows the searches through stored trials. Every deployment has its first search
// at least.
func Replay(rule Rule, trials []bench.Trial) (map[bench.Role][]*Log, error) {
	logs := map[bench.Role][]*Log{}
	for role := range rule.Sides {
		logs[role] = []*Log{NewLog(rule, role, 0, capacity.Result{})}
	}
	for i := range trials {
		t := &trials[i]
		all, searched := logs[t.Role]
		if t.Warmup || !searched {
			continue
		}
		if t.Search != nil && t.Search.Number == len(all) {
			all = append(all, NewLog(rule, t.Role, len(all), all[len(all)-1].Result()))
			logs[t.Role] = all
		}
		last := all[len(all)-1]
		if t.Search != nil && t.Search.Number != last.Number {
			return nil, fmt.Errorf("trial %d is of search %d, and search %d is under way",
				i+1, t.Search.Number+1, last.Number+1)
		}
		if err := last.Take(i, t); err != nil {
			return nil, err
		}
	}
	return logs, nil
}

// side sums up the searches on one deployment.
func side(run *bench.Run, role bench.Role, logs []*Log) Searched {
	s := Searched{Role: role, Deployment: run.Deployments[role].Name, Searches: logs}
	results := make([]capacity.Result, len(logs))
	var trials []capacity.Trial
	for i, l := range logs {
		results[i] = l.Result()
		trials = append(trials, l.search.Trials()...)
		if h := results[i].SoakHeld; h != nil && (s.SoakHeld == nil || !*h) {
			s.SoakHeld = h
		}
	}
	// One that did not come to its end leaves the side without one, as fewer searches
	// would make its interval another than was asked for.
	order := []capacity.Ending{capacity.Unfinished, capacity.Unreachable, capacity.AboveGenerator, capacity.Certified}
	worst := slices.MinFunc(results, func(a, b capacity.Result) int {
		return slices.Index(order, a.Ending) - slices.Index(order, b.Ending)
	})
	s.Ending = worst.Ending
	slices.SortFunc(results, func(a, b capacity.Result) int { return cmp.Compare(a.Rate, b.Rate) })
	middle := results[(len(results)-1)/2]
	if s.Ending == capacity.Unreachable {
		middle.Rate = 0
	}
	s.Rate, s.Above = middle.Rate, middle.Above
	if c, ok := capacity.FitCurve(trials); ok {
		s.Curve = &c
	}
	s.gather(run)
	s.findings(run)
	return s
}

// gather collects the trials at the certified rate and at the lowest that failed.
func (s *Searched) gather(run *bench.Run) {
	s.count(run)
	byOperation := map[string][]bench.Measurement{}
	for _, l := range s.Searches {
		for _, p := range l.Points {
			t := &run.Trials[p.Trial]
			switch {
			case p.Disturbed != "":
			case p.Rate == s.Rate && p.Phase != string(capacity.Soak) && p.Outcome == capacity.Held:
				s.AtTrials = append(s.AtTrials, p.Trial)
				for _, m := range t.Measurements {
					byOperation[m.Operation] = append(byOperation[m.Operation], m)
				}
			case p.Outcome == capacity.Beyond:
				s.BeyondTrials = append(s.BeyondTrials, p.Trial)
			case p.Rate == s.Above && p.Outcome == capacity.Failed:
				s.AboveTrials = append(s.AboveTrials, p.Trial)
			}
		}
	}
	for _, operation := range run.Operations() {
		if ms := byOperation[operation]; len(ms) > 0 {
			s.At = append(s.At, bench.Merge(operation, ms...))
		}
	}
}

// count counts wrong answers and flaws of all loads: a wrong answer is one whatever it was asked for,
// a control trial, a warm-up or a trial that other programs disturbed.
func (s *Searched) count(run *bench.Run) {
	for i := range run.Trials {
		t := &run.Trials[i]
		if t.Role != s.Role {
			continue
		}
		for _, m := range t.Measurements {
			s.Wrong += m.Outcomes.Invalid
		}
		for _, flaw := range t.Flaws {
			if !slices.Contains(s.Flaws, flaw.What) {
				s.Flaws = append(s.Flaws, flaw.What)
			}
		}
	}
}

// decide says what the searches come to.
func (f *Found) decide(run *bench.Run) {
	f.Decision = verdict.Measured
	doubt := func(format string, args ...any) {
		f.Decision = verdict.Inconclusive
		f.Reasons = append(f.Reasons, fmt.Sprintf(format, args...))
	}
	if why := run.Incomplete(); why != "" {
		doubt("%s", why)
	} else {
		for _, why := range run.End.Stopped {
			doubt("%s", why)
		}
	}
	failed := false
	for _, s := range f.Sides {
		name := s.Deployment
		if len(s.Flaws) > 0 && s.Role == bench.Candidate {
			failed = true
			f.Reasons = append(f.Reasons, s.Flaws...)
		}
		if s.DiskFull != "" {
			doubt("%s: %s; what it carries then says nothing of it", name, s.DiskFull)
		}
		switch {
		case s.Wrong > 0 && s.Role == bench.Candidate:
			failed = true
			f.Reasons = append(f.Reasons, fmt.Sprintf("%s gave %s", name, wrongAnswers(s.Wrong)))
		case s.Ending == capacity.Unreachable && s.Role == bench.Candidate && s.DiskFull == "":
			failed = true
			f.Reasons = append(f.Reasons, s.unreachable())
		case s.Ending == capacity.Unreachable:
			doubt("%s", s.unreachable())
		case s.Ending == capacity.Unfinished && s.Rate > 0:
			doubt("the search on %s did not come to its end: %.4g/s held so far", name, s.Rate)
		case s.Ending == capacity.Unfinished && s.least() > 0:
			doubt("the search on %s did not come to its end: no rate down to %.4g/s kept the limits", name, s.least())
		case s.Ending == capacity.Unfinished:
			doubt("the search on %s did not come to its end", name)
		case s.SoakHeld != nil && !*s.SoakHeld:
			doubt("the soak of %v at nine tenths of %s's rate did not hold", f.Rule.Soak, name)
		}
	}
	if failed {
		f.Decision = verdict.Failed
	}
	if len(f.Sides) == 2 {
		f.compare(failed)
	}
}

// unreachable says that the limits are kept at no rate.
func (s *Searched) unreachable() string {
	why := ""
	for _, l := range s.Searches {
		for _, p := range l.Points {
			if p.Outcome == capacity.Failed && len(p.Missed) > 0 {
				why = ": " + p.Missed[0].Words
			}
		}
	}
	return fmt.Sprintf("%s does not keep the limits at any rate, not even at %.3g/s%s", s.Deployment, s.least(), why)
}

// least is the lowest rate at which a trial counted, 0 for none.
func (s *Searched) least() float64 {
	least := 0.0
	for _, l := range s.Searches {
		for _, p := range l.Points {
			if p.Disturbed == "" && (least == 0 || p.Rate < least) {
				least = p.Rate
			}
		}
	}
	return least
}
