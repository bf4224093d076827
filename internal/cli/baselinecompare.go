package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
	"oauthbench/internal/baselines"
	"oauthbench/internal/github"
	"oauthbench/internal/owner"
	"oauthbench/internal/plaintext"
	"oauthbench/internal/plan"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/internal/terminal"
	"oauthbench/reports"
)

// baselineComparison is what baseline compare was asked for.
type baselineComparison struct {
	dir, name string
	subject   string // a directory with a run, or a target
	role      string // of the subject in its run
	remeasure bool
	allow     []string
	fail      failOn
	secrets   []string
	out       string
}

func compareBaselineCommand() *cobra.Command {
	var c baselineComparison
	cmd := &cobra.Command{
		Use:   "compare NAME RUNDIR|TARGET",
		Short: "Compare a run or a target with a baseline",
		Long: `Compare starts the baseline's version again, when that can be done, and measures it
side by side with the target, or with the version that RUNDIR is a run of, at the rates
and with the seed of the baseline. Otherwise, or with --remeasure=false, the stored
figures are compared with those in RUNDIR: then nothing controls what the machine did
differently at the two times, a regression needs to lie beyond the margin beyond chance,
and the first lines of the report say so.

Exit codes are those of oauthbench compare.`,
		Example: `  oauthbench baseline compare v1.4 embedded:v2
  oauthbench baseline compare v1.4 results/today --remeasure=false`,
		Args: arguments(2, "baseline compare NAME RUNDIR|TARGET"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c.dir, c.name, c.subject = directory(cmd), args[0], args[1]
			c.secrets = secretsAllowed(cmd)
			if c.fail, err = readFailOn(cmd); err != nil {
				return err
			}
			return c.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addRole(cmd, &c.role)
	addAllow(cmd, &c.allow)
	addSecrets(cmd)
	addFailOn(cmd)
	cmd.Flags().BoolVar(&c.remeasure, "remeasure", true,
		"measure the baseline again, side by side, when it can be started")
	cmd.Flags().StringVar(&c.out, "out", "",
		"directory for the report (default oauthbench-results/<time> when measuring, else none)")
	return cmd
}

func (c baselineComparison) run(ctx context.Context, stdout, stderr io.Writer) error {
	b, err := baselines.Read(c.dir, c.name)
	if err != nil {
		return err
	}
	run, err := session.Read(c.subject)
	if _, missing := os.Stat(filepath.Join(c.subject, session.FileName)); errors.Is(missing, fs.ErrNotExist) {
		run, err = nil, nil // then it must be a target
	}
	if err != nil {
		return err
	}
	candidate := c.subject
	if run != nil {
		d, ok := run.Deployments[bench.Role(c.role)]
		if !ok {
			return fmt.Errorf("%s has no %s", c.subject, c.role)
		}
		candidate = d.Name
	}
	p, why := baselines.SideBySide(b, candidate, c.secrets)
	if _, err := targets.Parse(c.subject, p); run == nil && err != nil {
		return fmt.Errorf("%s holds no run (%s), and is no target: %w", c.subject, session.FileName, err)
	}
	switch {
	case c.remeasure && why == nil:
		return c.again(ctx, b, p, stdout, stderr)
	case run == nil && why != nil:
		return why
	case run == nil:
		return fmt.Errorf("%s is not a run, and --remeasure=false measures nothing", c.subject)
	}
	return c.stored(b, run, p, why, stdout)
}

// command is how the side-by-side comparison is asked for.
func sideBySideCommand(p plan.Plan) []string {
	return append([]string{"oauthbench", plan.Compare}, p.Flags(plan.Compare)...)
}

// again measures both versions side by side.
func (c baselineComparison) again(ctx context.Context, b *bench.StoredBaseline, p plan.Plan, stdout,
	stderr io.Writer) error {
	if len(c.allow) > 0 {
		return errors.New("--allow is for stored figures: side by side everything is measured alike, and the report " +
			"names how the versions differ; add --remeasure=false")
	}
	p.Out = c.out
	if p.Out == "" {
		p.Out, p.OutByTime = defaultOut("compare"), true
	}
	terminal.Fprintf(stderr, "measuring %s again, beside %s:\n  %s\n", b.Deployment().Name, p.Candidate,
		plaintext.Shell(sideBySideCommand(p)))
	result, err := measure(ctx, p, "", stderr)
	if result == nil {
		return err
	}
	err = errors.Join(writeReport(result.Run, result.Dir, c.fail, stdout), err)
	for _, d := range targets.Differences(targets.Settings(b.Deployment()),
		targets.Settings(result.Run.Deployments[bench.Baseline])) {
		terminal.Fprintf(stderr, "note: %s is not started as it was for baseline %s: %v\n", b.Deployment().Name,
			b.Name, d)
	}
	return err
}

// stored compares the baseline's figures with those of a run.
func (c baselineComparison) stored(b *bench.StoredBaseline, run *bench.Run, p plan.Plan, why error,
	stdout io.Writer) error {
	role := bench.Role(c.role)
	in, allowed, err := baselines.Apart(b, run, role, c.allow)
	if err != nil {
		return err
	}
	v, err := verdict.JudgeApart(in)
	if err != nil {
		return &unfinished{fmt.Errorf("judge: %w", err)}
	}
	a := reports.Apart{
		Name: b.Name, Baseline: b.Deployment(), Candidate: run.Deployments[role], Then: b.Header.Started,
		Now: run.Started, Verdict: v,
	}
	if why == nil {
		a.Instead = sideBySideCommand(p)
	}
	for _, d := range allowed {
		a.Allowed = append(a.Allowed, d.String())
	}
	return c.report(a, stdout)
}

func (c baselineComparison) report(a reports.Apart, stdout io.Writer) error {
	d := a.Document()
	err := printDocument(stdout, d)
	dir := c.out
	if dir == "" && os.Getenv(github.SummaryVariable) != "" {
		// The job's summary is made of report.md, which needs a place.
		temporary, problem := owner.MakeTemp()
		if problem != nil {
			return &unfinished{problem}
		}
		defer owner.RemoveTemp(temporary)
		dir = temporary
	}
	if dir != "" {
		err = errors.Join(err, os.MkdirAll(dir, 0o755), d.WriteAll(dir),
			github.Tell(stdout, dir, a.Verdict.Decision, a.Verdict.Reasons))
	}
	if err != nil {
		return &unfinished{err}
	}
	return exitWith(c.fail.code(a.Verdict.Decision))
}
