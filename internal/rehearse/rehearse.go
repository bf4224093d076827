package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/internal/rehearse/announced"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/beside"
)

// Report is what a rehearsal has found, with what it was done with.
type Report struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Started time.Time `json:"started"`
	upgrade.Result
	Measured
	// Unfinished says what kept the rehearsal from its end; "" when it has come to it. Nothing is decided then.
	Unfinished string            `json:"unfinished,omitempty"`
	Options    Options           `json:"options"`
	Plan       []upgrade.Planned `json:"plan"` // the steps with their commands
}

// Measured is what the steps have measured beside the ledger; a run that is resumed keeps it.
type Measured struct {
	Account *account.Account `json:"account,omitempty"`
	// InPlace is the account of the migration under blue, whose locks are what others wait for.
	InPlace *account.Account `json:"in_place,omitempty"`
	Filled  string           `json:"filled,omitempty"`
	Copied  Copied           `json:"copied"`
	// Held is how many processors the database had while it was migrated beside a load; 0 for all. NotHeld
	// says why it had all although it was to have less.
	Held    float64 `json:"held_cpus,omitempty"`
	NotHeld string  `json:"not_held,omitempty"`
	Repair  string  `json:"repair,omitempty"` // SQL that mends what was found
	// Announced is the SQL that green said that its migration would run, before it did.
	Announced *announced.Migration `json:"announced,omitempty"`
	// Beside is what the two versions heeded of each other while both served.
	Beside beside.Outcome `json:"beside,omitzero"`
	// Sizes are the accounts of the migration at several sizes, and Projection what they say of
	// production; NotProjected says why there is none although it was asked for.
	Sizes        []*account.Account    `json:"sizes,omitempty"`
	Projection   *projected.Projection `json:"projection,omitempty"`
	NotProjected string                `json:"not_projected,omitempty"`
	// Implied are totals of this migration that others have published, held against the account.
	Implied []projected.Implied `json:"implied,omitempty"`
}

// Copied is what the copy moved.
type Copied struct {
	Bytes int64         `json:"bytes"` // of the database that was copied
	Took  time.Duration `json:"took_ns"`
}

// world is where a rehearsal takes place: processes or containers.
type world interface {
	// begin starts blue, or finds again what a run before has left when memento is not "".
	begin(ctx context.Context, memento string) (blue, green *side, err error)
	// memento is what begin needs to find it all again; "" when it ends with this process.
	memento() string
	steps(report *Report) (upgrade.Upgrade, error)
	// replayer is how entries of the journal are done at green.
	replayer() (replays, error)
	// ailments are what is wrong with it when a step could not be done.
	ailments() []string
	// names are the targets as they are run, without what may be a secret.
	names() (from, to string)
	close() error
}

// shown is a target without what may be a secret.
func shown(target string) string {
	if spec, err := containers.ParseSpec(target); err == nil {
		return spec.String()
	}
	return plaintext.Target(target)
}

// newWorld reads the targets, and starts nothing.
func newWorld(o Options) (world, error) {
	if embeddedTarget(o.From) != embeddedTarget(o.To) {
		return nil, fmt.Errorf("--from %q and --to %q: rehearse two versions of one server", shown(o.From), shown(o.To))
	}
	if embeddedTarget(o.From) {
		return newEmbedded(o)
	}
	return newContained(o)
}

func newRehearsal(o Options, w world, report *Report) (*upgrade.Rehearsal, error) {
	steps, err := w.steps(report)
	if err != nil {
		return nil, err
	}
	replay, err := w.replayer()
	if err != nil {
		return nil, err
	}
	return &upgrade.Rehearsal{
		Replay: replay.entry, Halves: replay.halves, ReplayRate: o.ReplayRate,
		Strategy: o.Strategy, Upgrade: steps, Twins: o.Twins, Control: o.Control, Window: o.Window, Say: o.Say,
		Canary: o.Canary,
		Load: upgrade.Load{
			Rate: o.Rate, Mix: o.Mix.of(), Seed: o.Seed, Timeout: 10 * time.Second,
			Watch: upgrade.Limits{Errors: o.Errors, P99: o.P99},
		},
	}, nil
}

// Run rehearses an upgrade, or goes on with one that was killed: see Options.Check. All that it
// makes is removed before it returns but the report. The error is that of a step that could
// not be done, a *HookError where the user's own SQL is to blame, or a *NotStored beside a report that is
// whole. One that cannot be gone on with stays as it is.
func Run(ctx context.Context, o Options) (report Report, err error) {
	d, err := openDirectory(o)
	if err != nil {
		return report, err
	}
	if d.ended {
		return d.finish(ctx)
	}
	report = newReport(d.options)
	w, r, err := takeUp(ctx, d, &report)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.close(), d.close()) }()
	report.Result, err = r.Run(ctx)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		if err := d.write(report); err != nil {
			report.Options.Out = "" // where it is not
			return report, err
		}
		return report, nil
	}
	if refused := (*HookError)(nil); errors.As(err, &refused) {
		return report, err // nothing has come of it that is worth a report
	}
	if ctx.Err() == nil {
		for _, ailment := range w.ailments() {
			err = fmt.Errorf("%w\n%s", err, ailment)
		}
	}
	report.Unfinished, report.Findings = upgrade.Brief(err), nil
	return report, errors.Join(err, d.write(report))
}

// newReport is one of which nothing is known yet.
func newReport(o Options) Report {
	report := Report{From: shown(o.From), To: shown(o.To), Started: o.Started, Options: o}
	report.Options.From, report.Options.To = report.From, report.To
	report.Options.Hooks, report.Options.Files = Hooks{}, Hooks{}
	return report
}

// takeUp begins a rehearsal, or finds again what one has left that was killed. After an error nothing is left of
// one that begins, and all of one that does not.
func takeUp(ctx context.Context, d *directory, report *Report) (_ world, _ *upgrade.Rehearsal, err error) {
	var w world
	resumed, found := d.options.Resume != "", false
	defer func() {
		if err == nil {
			return
		}
		if w != nil && !found {
			err = errors.Join(err, w.close())
		}
		if resumed {
			err = errors.Join(err, d.leave())
		} else {
			err = errors.Join(err, d.close())
		}
	}()
	there, err := newWorld(d.options)
	if err != nil {
		return nil, nil, err
	}
	w = there
	report.From, report.To = w.names()
	report.Options.From, report.Options.To = report.From, report.To
	r, err := newRehearsal(d.options, w, report)
	if err != nil {
		return nil, nil, err
	}
	report.Plan = r.Plan()
	saved, err := d.saved()
	if err != nil {
		return nil, nil, err
	}
	if found = saved.World != ""; found {
		err = sameSteps(report.Plan, saved.Memory.Steps)
	} else if resumed {
		err = d.anew()
	}
	if err != nil {
		return nil, nil, err
	}
	r.Journal = d.journal
	blue, green, err := w.begin(ctx, saved.World)
	if err != nil {
		return nil, nil, err
	}
	r.Blue = blue
	if found {
		report.Measured = saved.Measured
		if green == nil {
			r.Resume(saved.Memory, nil)
		} else {
			r.Resume(saved.Memory, green)
		}
	}
	r.Save = func(m upgrade.Memory) error { return d.save(snapshot{w.memento(), m, report.Measured}) }
	if !found && w.memento() != "" {
		err = d.save(snapshot{World: w.memento()})
	}
	return w, r, err
}

// sameSteps refuses a rehearsal whose steps were others: what is done is told by its place among them.
func sameSteps(plan []upgrade.Planned, done []upgrade.Step) error {
	for i, step := range done {
		if i >= len(plan) || plan[i].Name != step.Name {
			return badDirectory("--resume: step %d was %q, which is not in the plan of this version of "+
				"oauthbench: go on "+
				"with that which began it", i+1, step.Name)
		}
	}
	return nil
}

// ReportName is the file of a report for programs, in its directory.
const ReportName = "rehearsal.json"

// Private is the directory of what resumes a rehearsal, inside its own; it goes at the end.
const private = "private"

// reportFile is where the report of a directory lies.
func reportFile(out string) string { return filepath.Join(out, ReportName) }

// exists tells whether there is such a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
