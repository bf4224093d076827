package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
	"oauthbench/scenarios"
)

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure two versions side by side and decide",
		Long: `Compare starts two targets, sends both the same traffic in coin-flipped blocks of
trials, and decides for each operation whether the candidate's P50, P95 and P99
response times are within the margin of the baseline's. Several candidates are compared
one after another, each beside the baseline; the exit code is the worst.

Profiles:
` + profileHelp() + `
Exit codes: 0 pass; 1 regression, wrong answer or missed SLO; 2 usage or plan error;
3 inconclusive, invalid environment or interrupted; 4 a target could not start.`,
		Example: `  oauthbench compare
  oauthbench compare --candidate 'embedded:v2?tokens=jwt' --rate token=20/s`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readPlan(cmd, plan.Compare)
			if err != nil {
				return err
			}
			fail, err := readFailOn(cmd)
			if err != nil {
				return err
			}
			if len(p.More) > 0 {
				return compareAll(cmd.Context(), p, fail, liveAddress(cmd), cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return compare(cmd.Context(), p, fail, liveAddress(cmd), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addPlanFlags(cmd, plan.Compare)
	addFailOn(cmd)
	addLive(cmd)
	return cmd
}

func profileHelp() string {
	var b strings.Builder
	for _, p := range plan.Profiles {
		fmt.Fprintf(&b, "  %-9s %s\n", p.Name, p.Summary)
	}
	return b.String()
}

func compare(ctx context.Context, p plan.Plan, fail failOn, live string, stdout, stderr io.Writer) error {
	s, err := measureBoth(ctx, p, live, stderr)
	if s == nil {
		return err
	}
	s.fail = fail
	return errors.Join(s.report(stdout), err)
}

// measureBoth measures two versions side by side and stores the run. The session is
// nil when there is nothing to report. live is where to show the run, "" for nowhere.
func measureBoth(ctx context.Context, p plan.Plan, live string, stderr io.Writer) (s *session, err error) {
	both, err := bothTargets(p)
	if err != nil {
		return nil, err
	}
	if err := fit(p, both[bench.Baseline], both[bench.Candidate]); err != nil {
		return nil, err
	}
	profile := p.Design()
	if fixed, auto := planned(p); len(auto) == 0 {
		// What can be known to be hopeless is said before anything starts.
		if _, err := profile.Fit(loadsOf(p, profile, fixed), 0, 0, 0); err != nil {
			return nil, err
		}
	}
	d := newDisplay(stderr)
	view, hide, err := show(live, d)
	if err != nil {
		return nil, err
	}
	defer hide()
	o, err := createOut(p.Out)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	s = newSession(p, profile, []bench.Role{bench.Baseline, bench.Candidate}, d, o)
	s.view = view

	cause := s.compare(ctx, both)
	if closing := s.close(); closing != nil {
		s.display.say("oauthbench: %v", closing)
	}
	if s.fruitless(cause) {
		return nil, notMeasured(ctx, cause)
	}
	if err := s.finish(cause); err != nil {
		return nil, exit{exitInconclusive, err}
	}
	return s, nil
}

// bothTargets understands the two targets of a comparison without starting anything.
func bothTargets(p plan.Plan) (map[bench.Role]targets.Target, error) {
	both := map[bench.Role]targets.Target{}
	for role, text := range map[bench.Role]string{bench.Baseline: p.Baseline, bench.Candidate: p.Candidate} {
		var err error
		if both[role], err = targets.Parse(text, p); err != nil {
			return nil, err
		}
	}
	return both, nil
}

// compare measures; the error tells why it ended early.
func (s *session) compare(ctx context.Context, both map[bench.Role]targets.Target) error {
	if err := s.boot(ctx, both); err != nil {
		return exit{exitNoTarget, err}
	}
	loads, err := s.loads(ctx)
	if err != nil {
		return err
	}
	noise, err := s.watchWarmUp(ctx, loads)
	if err != nil {
		return err
	}
	size, err := s.fit(loads)
	if err != nil {
		return exit{exitUsage, err}
	}
	for i := range loads {
		loads[i].Length = size.Length
	}
	slots := s.profile.Slots(s.plan.Seed, len(loads))
	s.expected = size.Expected
	s.plan.Gates = s.profile.Gates(scenarios.Operations(s.plan.Scenarios), size.Quantiles)
	s.announce(loads, size)
	s.foresee(loads, size, noise)
	if err := s.begin(loads, len(slots), s.command(plan.Compare)); err != nil {
		return err
	}
	if len(s.stopped) > 0 {
		s.display.say("stopping: %s", s.stopped[0])
		return nil
	}
	return s.measure(ctx, slots, false, s.decided)
}

// mostStretch is how many times a profile's own budget may grow for a slow server.
const mostStretch = 6

// fit chooses the length of the trials. A version that carries little may need more
// than the profile's budget for a single percentile; when nobody set a budget the
// profile's is stretched, and that is said, rather than refusing to measure it.
func (s *session) fit(loads []bench.Load) (plan.Size, error) {
	spent := time.Since(s.began)
	size, err := s.profile.Fit(loads, s.overhead, s.restartCost(), spent)
	if err == nil || s.plan.Budget != 0 || len(size.Missing) == 0 {
		return size, err
	}
	// The least quantile needs this much; a little more keeps rounding harmless.
	need := size.Missing[0].Budget + 5*time.Second
	if need > mostStretch*s.profile.Budget {
		return size, err
	}
	s.display.say("plan: the slower version carries so little that %s needs %v instead of %v", s.profile.Name, need, s.profile.Budget)
	s.profile.Budget = need
	return s.profile.Fit(loads, s.overhead, s.restartCost(), spent)
}

// restartCost is about what fresh processes of all deployments take.
func (s *session) restartCost() time.Duration {
	var sum time.Duration
	for _, d := range s.deployments {
		sum += d.RestartCost
	}
	return sum
}

// fruitless tells whether a run ended early with nothing measured: then there is nothing to
// report, and nothing to keep.
func (s *session) fruitless(cause error) bool {
	if s.out.file.Empty() {
		return true
	}
	for _, t := range s.run.Trials {
		if !t.Warmup {
			return false
		}
	}
	if cause == nil {
		return false
	}
	s.out.file.Discard()
	return true
}

// notMeasured is the error of a run that ended before its first trial did.
func notMeasured(ctx context.Context, cause error) error {
	var known exit
	switch {
	case ctx.Err() != nil:
		return exit{exitInconclusive, errors.New("interrupted before the first trial: nothing was measured")}
	case cause == nil || errors.As(cause, &known):
		return cause
	}
	return exit{exitNoTarget, cause}
}

// decided asks after the pilot epochs whether more can help, and at a planned look
// whether more are needed.
func (s *session) decided(epochs int) bool {
	if epochs == verdict.PilotUnits && s.tooNoisy() {
		return true
	}
	look := slices.Index(s.profile.Judge.Looks, epochs)
	if look < 0 || s.profile.Judge.Unit != verdict.UnitEpoch {
		return false
	}
	stop, _, err := verdict.Look(s.soFar(), look)
	return err == nil && stop
}

// soFar is what the verdict needs of a run under way: it has no end yet, and is not
// interrupted.
func (s *session) soFar() verdict.Input {
	in := input(&s.run, s.plan)
	in.Interrupted = false
	return in
}

// tooNoisy asks the pilot epochs whether the whole run could decide anything. The
// reasons are stored with the run: an hour that ends in "cannot tell" is worth less
// than the sentence that says so now.
func (s *session) tooNoisy() bool {
	if s.profile.Judge.Unit != verdict.UnitEpoch {
		return false
	}
	reasons, err := verdict.Pilot(s.soFar())
	if err != nil || len(reasons) == 0 {
		return false // what is wrong with the input, the verdict will say
	}
	s.stopped = reasons
	for _, why := range reasons {
		s.display.say("stopping: %s", why)
	}
	return true
}

// loads are what each trial sends, without its length.
func (s *session) loads(ctx context.Context) ([]bench.Load, error) {
	streams, err := s.rates(ctx)
	if err != nil {
		return nil, err
	}
	loads := loadsOf(s.plan, s.profile, streams)
	wakeups := generator.MeasureWakeups()
	s.run.Environment.Wakeups = &wakeups
	for i := range loads {
		loads[i].Pacing = cmp.Or(s.plan.Pacing, wakeups.Best())
	}
	return loads, nil
}

// loadsOf puts all streams into one load, or each into one of its own when the plan
// isolates them.
func loadsOf(p plan.Plan, profile plan.Profile, streams []bench.Stream) []bench.Load {
	groups := [][]bench.Stream{streams}
	if p.Isolate {
		groups = slices.Collect(slices.Chunk(streams, 1))
	}
	var loads []bench.Load
	for _, group := range groups {
		l := bench.Load{Process: p.Process, Streams: group, LeadIn: profile.LeadIn, Timeout: p.Timeout, Transport: p.Transport,
			Pacing: p.Pacing, CatchUp: p.CatchUp, CPUs: p.GeneratorCPUs}
		// All that may be under way before the first one times out, within reason.
		inFlight := l.Rate() * p.Timeout.Seconds()
		l.Workers = cmp.Or(p.MaxWorkers, int(min(max(math.Ceil(inFlight), 64), bench.DefaultMaxWorkers)))
		loads = append(loads, l)
	}
	return loads
}

// announce prints what will be done, before it is done.
func (s *session) announce(loads []bench.Load, size plan.Size) {
	var rates []string
	for _, l := range loads {
		for _, stream := range l.Streams {
			rates = append(rates, fmt.Sprintf("%s %.3g/s", stream.Scenario, stream.Rate))
		}
	}
	mixed := "mixed"
	if len(loads) > 1 {
		mixed = "one after another"
	}
	var gates []string
	for _, g := range s.plan.Gates {
		if name := verdict.Percentile(g.Quantile); !slices.Contains(gates, name) {
			gates = append(gates, name)
		}
	}
	s.display.say("plan: %s, seed %d: %d trials of %v, %s (%s arrivals, %s); gates on %s; about %s",
		s.profile.Name, s.plan.Seed, size.Trials, size.Length, strings.Join(rates, ", "), s.plan.Process, mixed, strings.Join(gates, ", "), clock(size.Expected))
	if gates, alpha := len(s.plan.Gates), s.profile.Judge.Alpha; verdict.UnitsToConvict(gates, alpha) > s.profile.Judge.Planned() {
		s.display.say("plan: %s cannot convict one of %d gates alone, however slow it is: use fewer scenarios, or a larger profile",
			plural(s.profile.Judge.Planned(), string(s.profile.Judge.Unit)), gates)
	}
	for _, m := range size.Missing {
		s.display.say("plan: %s would gate with a budget of %v; %s has %v", verdict.Percentile(m.Quantile), m.Budget, s.profile.Name, s.profile.Budget)
	}
}

// command is how the run can be repeated: every key that matters, with its value.
func (s *session) command(name string) []string {
	return append([]string{"oauthbench", name}, s.plan.Flags(name)...)
}
