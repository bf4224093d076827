package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Report is what a rehearsal has found, with what it was done with.
type Report struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	Started time.Time `json:"started"`
	upgrade.Result
	Measured
	Options Options           `json:"options"`
	Plan    []upgrade.Planned `json:"plan"` // the steps with their commands
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
	// replayer does an entry of the journal at green; nil is upgrade's own.
	replayer() (func(context.Context, upgrade.Side, upgrade.Entry) error, error)
	close() error
}

// shown is a target without what may be a secret.
func shown(target string) string {
	if spec, err := containers.ParseSpec(target); err == nil {
		return spec.String()
	}
	return target
}

// newWorld reads the targets, and starts nothing.
func newWorld(o Options) (world, error) {
	if embeddedTarget(o.From) != embeddedTarget(o.To) {
		return nil, fmt.Errorf("--from %q and --to %q: rehearse two versions of one server", o.From, o.To)
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
		Replay: replay, ReplayRate: o.ReplayRate,
		Strategy: o.Strategy, Upgrade: steps, Twins: o.Twins, Control: o.Control, Window: o.Window, Say: o.Say,
		Canary: o.Canary,
		Load: upgrade.Load{
			Rate: o.Rate, Mix: upgrade.DefaultMix(), Seed: o.Seed, Timeout: 10 * time.Second,
			Watch: upgrade.Limits{Errors: o.Errors, P99: o.P99},
		},
	}, nil
}

// Run rehearses an upgrade, or goes on with one that was killed: see Options.Check. All that it
// makes is removed before it returns but the report. The error is that of a step that could
// not be done.
func Run(ctx context.Context, o Options) (report Report, err error) {
	d, err := openDirectory(o)
	if err != nil {
		return report, err
	}
	if d.ended {
		return d.finish(ctx)
	}
	o = d.options
	report = Report{From: shown(o.From), To: shown(o.To), Started: o.Started, Options: o}
	report.Options.From, report.Options.To, report.Options.Hooks = report.From, report.To, Hooks{}
	w, err := newWorld(o)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.close(), d.close()) }()
	r, err := newRehearsal(o, w, &report)
	if err != nil {
		return report, err
	}
	report.Plan = r.Plan()
	r.Journal = d.journal
	saved, err := d.saved()
	if err != nil {
		return report, err
	}
	blue, green, err := w.begin(ctx, saved.World)
	if err != nil {
		return report, err
	}
	r.Blue = blue
	if saved.World != "" {
		report.Measured = saved.Measured
		if green == nil {
			r.Resume(saved.Memory, nil)
		} else {
			r.Resume(saved.Memory, green)
		}
	}
	r.Save = func(m upgrade.Memory) error {
		return d.save(snapshot{w.memento(), m, report.Measured})
	}
	if saved.World == "" && w.memento() != "" {
		if err := d.save(snapshot{World: w.memento()}); err != nil {
			return report, err
		}
	}
	report.Result, err = r.Run(ctx)
	return report, errors.Join(err, d.write(report))
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
