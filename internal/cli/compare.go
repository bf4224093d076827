package cli

import (
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
	"oauthbench/bench/verdict"
	"oauthbench/internal/plan"
)

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure two versions side by side and decide",
		Long: `Compare starts two targets, sends both the same traffic in coin-flipped blocks of
trials, and decides for each operation whether the candidate's P50, P95 and P99
response times are within the margin of the baseline's.

Profiles:
` + profileHelp() + `
Exit codes: 0 pass; 1 regression, wrong answer or missed SLO; 2 usage or plan error;
3 inconclusive, invalid environment or interrupted; 4 a target could not start.`,
		Example: `  oauthbench compare
  oauthbench compare --candidate 'embedded:v2?tokens=jwt' --rate token=20/s --slo 'token p95 < 100ms' --out results/jwt`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readPlan(cmd, plan.Compare)
			if err != nil {
				return err
			}
			return compare(cmd.Context(), p, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addPlanFlags(cmd, plan.Compare)
	return cmd
}

func profileHelp() string {
	var b strings.Builder
	for _, p := range plan.Profiles {
		fmt.Fprintf(&b, "  %-9s %s\n", p.Name, p.Summary)
	}
	return b.String()
}

func compare(ctx context.Context, p plan.Plan, stdout, stderr io.Writer) (err error) {
	targets := map[bench.Role]target{}
	for role, text := range map[bench.Role]string{bench.Baseline: p.Baseline, bench.Candidate: p.Candidate} {
		if targets[role], err = parseTarget(text); err != nil {
			return err
		}
	}
	profile := plan.FindProfile(p.Profile)
	o, err := createOut(p.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	s := newSession(p, profile, []bench.Role{bench.Baseline, bench.Candidate}, newDisplay(stderr), o)

	cause := s.compare(ctx, targets)
	if closing := s.close(); closing != nil {
		s.display.say("oauthbench: %v", closing)
	}
	if o.file.Empty() {
		return cause // nothing was measured: there is nothing to report
	}
	if err := s.finish(cause); err != nil {
		return exit{exitInconclusive, err}
	}
	return s.report(stdout)
}

// compare measures; the error tells why it ended early.
func (s *session) compare(ctx context.Context, targets map[bench.Role]target) error {
	if err := s.boot(ctx, targets); err != nil {
		return notStarted(ctx, err)
	}
	loads, err := s.loads(ctx)
	if err != nil {
		return err
	}
	size, err := s.profile.Fit(loads, s.overhead, time.Since(s.began))
	if err != nil {
		return exit{exitUsage, err}
	}
	for i := range loads {
		loads[i].Length = size.Length
	}
	slots := bench.Blocks(s.plan.Seed, s.profile.Epochs, s.profile.Blocks, len(loads))
	s.expected = size.Expected
	s.announce(loads, size)
	if err := s.begin(loads, len(slots), s.command(plan.Compare)); err != nil {
		return err
	}
	return s.measure(ctx, slots, false, s.decided)
}

// notStarted is the error of a target that did not come up, unless the user stopped.
func notStarted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exit{exitInconclusive, errors.New("interrupted before the first trial: nothing was measured")}
	}
	return exit{exitNoTarget, err}
}

// decided asks at a planned look whether more epochs are needed.
func (s *session) decided(epochs int) bool {
	look := slices.Index(s.profile.Judge.Looks, epochs)
	if look < 0 || s.profile.Judge.Unit != verdict.UnitEpoch {
		return false
	}
	stop, _, err := verdict.Look(input(&s.run, s.plan), look)
	return err == nil && stop
}

// loads are what each trial sends, without its length: one load, or one for each
// scenario.
func (s *session) loads(ctx context.Context) ([]bench.Load, error) {
	streams, err := s.rates(ctx)
	if err != nil {
		return nil, err
	}
	groups := [][]bench.Stream{streams}
	if s.plan.Isolate {
		groups = nil
		for _, stream := range streams {
			groups = append(groups, []bench.Stream{stream})
		}
	}
	var loads []bench.Load
	for _, group := range groups {
		l := bench.Load{Process: s.plan.Process, Streams: group, LeadIn: s.profile.LeadIn, Timeout: s.plan.Timeout}
		inFlight := l.Rate() * s.plan.Timeout.Seconds()
		l.Workers = int(math.Min(math.Max(math.Ceil(inFlight), 64), bench.DefaultMaxWorkers))
		loads = append(loads, l)
	}
	return loads, nil
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
	for _, q := range size.Quantiles {
		gates = append(gates, verdict.Percentile(q))
	}
	s.display.say("plan: %s, seed %d: %d trials of %v, %s (%s arrivals, %s); gates on %s; about %s",
		s.profile.Name, s.plan.Seed, size.Trials, size.Length, strings.Join(rates, ", "), s.plan.Process, mixed, strings.Join(gates, ", "), clock(size.Expected))
	for _, m := range size.Missing {
		s.display.say("plan: %s would gate with a budget of %v; %s has %v", verdict.Percentile(m.Quantile), m.Budget, s.profile.Name, s.profile.Budget)
	}
}

// command is how the run can be repeated: every key that matters, with its value.
func (s *session) command(name string) []string {
	return append([]string{"oauthbench", name}, s.plan.Flags(name)...)
}
