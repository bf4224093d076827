package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/internal/plan"
	"oauthbench/internal/targets"
)

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure one version, without comparing",
		Long: `Run starts one target, sends it traffic for a while and reports what it saw. It exits
with 0 only if no answer was wrong and every SLO held.`,
		Example: `  oauthbench run --rate 50/s --duration 30s
  oauthbench run --target embedded:v1 --rate 10/s --slo 'token p99 < 300ms'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := readPlan(cmd, plan.Run)
			if err != nil {
				return err
			}
			return measureOne(cmd.Context(), p, liveAddress(cmd), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addPlanFlags(cmd, plan.Run)
	addLive(cmd)
	return cmd
}

func measureOne(ctx context.Context, p plan.Plan, live string, stdout, stderr io.Writer) (err error) {
	t, err := targets.Parse(p.Candidate, p)
	if err != nil {
		return err
	}
	if err := fit(p, t); err != nil {
		return err
	}
	d := newDisplay(stderr)
	view, hide, err := show(live, d)
	if err != nil {
		return err
	}
	defer hide()
	o, err := createOut(p.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	s := newSession(p, p.Design(), []bench.Role{bench.Candidate}, d, o)
	s.view = view
	cause := s.measureOne(ctx, t)
	if closing := s.close(); closing != nil {
		s.display.say("oauthbench: %v", closing)
	}
	if s.fruitless(cause) {
		return notMeasured(ctx, cause)
	}
	if err := s.finish(cause); err != nil {
		return exit{exitInconclusive, err}
	}
	return s.report(stdout)
}

// measureOne runs one trial of the plan's duration.
func (s *session) measureOne(ctx context.Context, t targets.Target) error {
	if err := s.boot(ctx, map[bench.Role]targets.Target{bench.Candidate: t}); err != nil {
		return exit{exitNoTarget, err}
	}
	loads, err := s.loads(ctx)
	if err != nil {
		return err
	}
	loads[0].Length = s.profile.LeadIn + s.plan.Duration
	s.expected = loads[0].Length + s.profile.Warmup + 2*s.profile.Settle +
		time.Duration(loads[0].Rate()*loads[0].Length.Seconds()*float64(s.overhead))
	slot := bench.Slot{Role: bench.Candidate, Seed: s.plan.Seed}
	if err := s.begin(loads, 1, s.command(plan.Run)); err != nil {
		return err
	}
	return s.measure(ctx, []bench.Slot{slot}, true, func(int) bool { return true })
}
