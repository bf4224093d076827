// Package baselinecompare compares a run or a target with a stored baseline: side by side
// when the baseline's version can be started again, else with its stored figures.
package baselinecompare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/answer"
	"github.com/oauthbench/oauthbench/internal/baselines"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/github"
	"github.com/oauthbench/oauthbench/internal/measure"
	"github.com/oauthbench/oauthbench/internal/owner"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/internal/terminal"
	"github.com/oauthbench/oauthbench/internal/watch"
	"github.com/oauthbench/oauthbench/reports"
)

// Comparison is what baseline compare was asked for.
type Comparison struct {
	Dir, Name string
	Subject   string // a directory with a run, or a target
	Role      string // of the subject in its run
	Remeasure bool
	Allow     []string
	Secrets   []string
	Out       string
	Show      watch.Options // how the run is shown when both are measured again
	Print     answer.Printer
}

// Run compares, and prints the report.
func (c Comparison) Run(ctx context.Context) error {
	b, err := baselines.Read(c.Dir, c.Name)
	if err != nil {
		return err
	}
	run, err := session.Read(c.Subject)
	if _, missing := os.Stat(filepath.Join(c.Subject, session.FileName)); errors.Is(missing, fs.ErrNotExist) {
		run, err = nil, nil // then it must be a target
	}
	if err != nil {
		return err
	}
	candidate := c.Subject
	if run != nil {
		d, ok := run.Deployments[bench.Role(c.Role)]
		if !ok {
			return fmt.Errorf("%s has no %s", c.Subject, c.Role)
		}
		candidate = d.Name
	}
	p, why := baselines.SideBySide(b, candidate, c.Secrets)
	if _, err := targets.Parse(c.Subject, p); run == nil && err != nil {
		return fmt.Errorf("%s holds no run (%s), and is no target: %w", c.Subject, session.FileName, err)
	}
	switch {
	case c.Remeasure && why == nil:
		return c.again(ctx, b, p)
	case run == nil && why != nil:
		return why
	case run == nil:
		return fmt.Errorf("%s is not a run, and --remeasure=false measures nothing", c.Subject)
	}
	return c.stored(b, run, p, why)
}

// SideBySideCommand is how the side-by-side comparison is asked for.
func SideBySideCommand(p plan.Plan) []string {
	return append([]string{"oauthbench", plan.Compare}, p.Flags(plan.Compare)...)
}

// again measures both versions side by side.
func (c Comparison) again(ctx context.Context, b *bench.StoredBaseline, p plan.Plan) error {
	if len(c.Allow) > 0 {
		return errors.New("--allow is for stored figures: side by side everything is measured alike, and the report " +
			"names how the versions differ; add --remeasure=false")
	}
	p.Out = c.Out
	if p.Out == "" {
		p.Out, p.OutByTime = planflags.DefaultOut("compare"), true
	}
	terminal.Fprintf(c.Print.Log, "measuring %s again, beside %s:\n  %s\n", b.Deployment().Name,
		plaintext.Target(p.Candidate), plaintext.Shell(SideBySideCommand(p)))
	result, err := measure.Run(ctx, p, c.Show)
	if result == nil {
		return err
	}
	err = errors.Join(c.Print.Run(result.Run, result.Dir), err)
	for _, d := range targets.Differences(targets.Settings(b.Deployment()),
		targets.Settings(result.Run.Deployments[bench.Baseline])) {
		terminal.Fprintf(c.Print.Log, "note: %s is not started as it was for baseline %s: %v\n", b.Deployment().Name,
			b.Name, d)
	}
	return err
}

// stored compares the baseline's figures with those of a run.
func (c Comparison) stored(b *bench.StoredBaseline, run *bench.Run, p plan.Plan, why error) error {
	role := bench.Role(c.Role)
	in, allowed, err := baselines.Apart(b, run, role, c.Allow)
	if err != nil {
		return err
	}
	v, err := verdict.JudgeApart(in)
	if err != nil {
		return &exitcode.Unfinished{Err: fmt.Errorf("judge: %w", err)}
	}
	a := reports.Apart{
		Name: b.Name, Baseline: b.Deployment(), Candidate: run.Deployments[role], Then: b.Header.Started,
		Now: run.Started, Verdict: v,
	}
	if why == nil {
		a.Instead = SideBySideCommand(p)
	}
	for _, d := range allowed {
		a.Allowed = append(a.Allowed, d.String())
	}
	return c.report(a)
}

func (c Comparison) report(a reports.Apart) error {
	d := a.Document()
	err := c.Print.Show(d)
	dir := c.Out
	if dir == "" && os.Getenv(github.SummaryVariable) != "" {
		// The job's summary is made of report.md, which needs a place.
		temporary, problem := owner.MakeTemp()
		if problem != nil {
			return &exitcode.Unfinished{Err: problem}
		}
		defer owner.RemoveTemp(temporary)
		dir = temporary
	}
	if dir != "" {
		err = errors.Join(err, os.MkdirAll(dir, 0o755), d.WriteAll(dir),
			github.Tell(c.Print.Aside(), dir, github.Of(a.Verdict.Decision, a.Verdict.Reasons)))
	}
	if err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return exitcode.With(c.Print.Fail.Code(a.Verdict.Decision))
}
