package rehearse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// contained does the steps between two servers in containers (world).
type contained struct {
	options     Options
	from, to    containers.Spec
	dataset     *containers.Dataset
	blue, green *containers.Stack
	launched    bool // green's server has been started
	repair      string
	published   []census.Published
}

// names are the targets as they are run.
func (c *contained) names() (from, to string) { return c.from.String(), c.to.String() }

func newContained(o Options) (*contained, error) {
	c := &contained{options: o}
	var err error
	if c.from, err = containers.ParseSpec(o.From); err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	if c.to, err = containers.ParseSpec(o.To); err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	if c.from.Server != c.to.Server {
		return nil, fmt.Errorf("--from %q and --to %q: rehearse two versions of one server", shown(o.From), shown(o.To))
	}
	if o.Strategy == upgrade.Rolling {
		for flag, spec := range map[string]*containers.Spec{"--from": &c.from, "--to": &c.to} {
			if *spec, err = spec.Beside(); err != nil {
				return nil, fmt.Errorf("%s: %w", flag, err)
			}
		}
	}
	if o.Dataset != "" {
		d, err := containers.ParseDataset(o.Dataset)
		if err != nil {
			return nil, err
		}
		c.dataset = &d
	}
	program, err := c.to.Program()
	if err != nil {
		return nil, err
	}
	if program.Upgrade.EndConsent == nil {
		return nil, fmt.Errorf("--to %q: %s cannot be rehearsed yet: nothing is known of its doors", shown(o.To),
			c.to.Server)
	}
	c.repair, c.published = program.Upgrade.Repair, program.Upgrade.Published
	return c, nil
}

func (c *contained) stackOptions() containers.Options {
	return containers.Options{
		RunID: c.options.Run, Registry: c.options.Registry, Pull: !c.options.Offline,
		Binary: c.options.Binary, Timeout: time.Hour, Progress: c.options.Say,
	}
}

// found is what finds the containers again.
type found struct {
	Blue     containers.Memento  `json:"blue"`
	Green    *containers.Memento `json:"green,omitempty"`
	Launched bool                `json:"launched"`
}

func (c *contained) memento() string {
	if c.blue == nil {
		return ""
	}
	f := found{Blue: c.blue.Rehearsed().Memento(), Launched: c.launched}
	if c.green != nil {
		m := c.green.Rehearsed().Memento()
		f.Green = &m
	}
	text, _ := json.Marshal(f) // strings and numbers alone: it cannot fail
	return string(text)
}

func (c *contained) begin(ctx context.Context, memento string) (blue, green *side, err error) {
	if memento == "" {
		if c.options.Resume != "" { // it was killed before it could tell what it had made
			if err := containers.RemoveRun(ctx, c.options.Run); err != nil {
				return nil, nil, err
			}
		}
		if c.blue, err = containers.Start(ctx, c.from, c.stackOptions()); err != nil {
			return nil, nil, err
		}
		blue, err = newSide(ctx, c.blue)
		return blue, nil, err
	}
	var f found
	if err := json.Unmarshal([]byte(memento), &f); err != nil {
		return nil, nil, err
	}
	if c.blue, err = containers.Attach(ctx, c.from, c.stackOptions(), f.Blue); err != nil {
		return nil, nil, fmt.Errorf("find blue again: %w", err)
	}
	if blue, err = newSide(ctx, c.blue); err != nil {
		return nil, nil, err
	}
	if f.Green != nil {
		if c.green, err = containers.Attach(ctx, c.to, c.stackOptions(), *f.Green); err != nil {
			return nil, nil, fmt.Errorf("find green again: %w", err)
		}
	}
	if c.launched = f.Launched; c.launched {
		green, err = newSide(ctx, c.green)
	}
	return blue, green, err
}

// newSide is a server in containers as clients see it.
func newSide(ctx context.Context, s *containers.Stack) (*side, error) {
	resource, err := s.IntrospectionCredential(ctx)
	if err != nil {
		return nil, err
	}
	one := &side{server: s, resource: resource, http: newHTTP(s.TLS()), change: s.Rehearsed().ChangeClient}
	one.about = func(token string) (oauth.Request, bool) { return s.Rehearsed().AsksAbout(resource, token) }
	for _, k := range s.Rehearsed().Upgrade().Keeps {
		one.probes = append(one.probes, upgrade.Probe{
			Kind: upgrade.Kind(k.Name), Lost: k.Lost, Minor: k.Minor,
			Make: func(ctx context.Context, subject string) (string, error) {
				return s.Rehearsed().Make(ctx, k, subject)
			},
			Ask: func(ctx context.Context, thing string) (bool, error) { return s.Rehearsed().Alive(ctx, k, thing) },
		})
	}
	return one, nil
}

// steps are those of the strategy.
func (c *contained) steps(report *Report) (upgrade.Upgrade, error) {
	from, err := c.from.Program()
	if err != nil {
		return upgrade.Upgrade{}, err
	}
	to, err := c.to.Program()
	if err != nil {
		return upgrade.Upgrade{}, err
	}
	u := upgrade.Upgrade{
		Restart:  func(ctx context.Context) error { return c.blue.Restart(ctx) },
		StopBlue: func(ctx context.Context) error { return c.blue.Rehearsed().StopServer(ctx) },
		Start:    c.launch,
		WayBack:  c.wayBack,
		Prepare:  c.prepare(report),
		Changed:  c.options.Hooks.BeforeCopy != "",
		Usage:    c.usage,
		Migrate:  c.migrate(report),
	}
	if from.Upgrade.Preflight != nil {
		checks := from.Upgrade.Preflight(c.to.Version)
		if len(checks) > 0 {
			u.Preflight = func(ctx context.Context) ([]upgrade.Check, error) {
				return countRows(ctx, c.blue, checks)
			}
		}
	}
	if checks := to.Upgrade.Examine; len(checks) > 0 {
		u.Examine = func(ctx context.Context) ([]upgrade.Check, error) {
			return c.examine(ctx, checks, report)
		}
	}
	if to.Upgrade.CleanUp != nil {
		u.CleanUp = func(ctx context.Context) error { return c.green.Rehearsed().CleanUp(ctx) }
	}
	if c.options.Strategy == upgrade.BlueGreen {
		if c.options.CatchUp {
			if to.Upgrade.CatchUp == nil || to.Upgrade.CatchUp(c.from.Version) == nil {
				return u, fmt.Errorf("--catch-up: nothing is known of how %s takes the rows of %s", c.to, c.from)
			}
			u.CatchUp = func(ctx context.Context, since time.Time) (int64, error) {
				return c.green.Rehearsed().CatchUp(ctx, c.blue, since)
			}
		}
		u.Copy = func(ctx context.Context) error { return c.copy(ctx, report) }
		u.CopyCommands = c.from.CopyCommands(c.options.Copy == ByFiles)
		u.Witness = c.witness(from, to)
		if c.dataset == nil || c.dataset.Grants+c.dataset.Tokens <= mostInPlace {
			u.InPlace = c.inPlace(report)
			if checks := to.Upgrade.Examine; len(checks) > 0 {
				u.InPlaceRows = func(ctx context.Context) ([]upgrade.Check, error) {
					return countRows(ctx, c.blue, checks)
				}
			}
		}
		if to.Upgrade.Start.Serves != nil {
			u.Inquiries = append(u.Inquiries,
				upgrade.Inquiry{Name: "start green on a copy that it migrates itself, watched",
					Do: func(ctx context.Context, _ upgrade.Side) ([]upgrade.Finding, error) {
						return firstStart(ctx, c)
					}})
		}
	}
	if to.Upgrade.Beneath != nil {
		u.Inquiries = append(u.Inquiries,
			upgrade.Inquiry{Name: "revoke by rows beneath green",
				Do: func(ctx context.Context, green upgrade.Side) ([]upgrade.Finding, error) {
					return beneath(ctx, c, green)
				}})
	}
	if c.options.Strategy == upgrade.Rolling {
		u.Twin = func(ctx context.Context, blue upgrade.Side) error { return twin(ctx, c, blue, report) }
		u.Together = func(ctx context.Context, blue, green upgrade.Side) ([]upgrade.Finding, error) {
			return together(ctx, c, blue, green, report)
		}
	}
	return u, nil
}

// mostInPlace is how large a data set may be that is migrated a second time, under blue.
const mostInPlace = 50_000

// countRows asks a database about its rows.
func countRows(ctx context.Context, s *containers.Stack, checks []containers.RowCheck) (all []upgrade.Check,
	err error) {
	for _, c := range checks {
		begun := time.Now()
		rows, of, err := s.Rehearsed().Count(ctx, c.Query, c.Before)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c.Name, err)
		}
		all = append(all, upgrade.Check{Name: c.Name, Rows: rows, Of: of, Means: c.Means, Cure: c.Cure, Fault: c.Fault,
			Took: time.Since(begun)})
	}
	return all, nil
}

// examine counts what the migration has left wrong, and offers the repair when there is some.
func (c *contained) examine(
	ctx context.Context, checks []containers.RowCheck, report *Report,
) ([]upgrade.Check, error) {
	all, err := countRows(ctx, c.green, checks)
	for _, check := range all {
		if check.Rows > 0 {
			report.Repair = c.repair
		}
	}
	return all, err
}

// usage is what the server at a place has spent so far.
func (c *contained) usage(ctx context.Context, p upgrade.Place) (upgrade.Reading, error) {
	s := c.blue
	if p == upgrade.Green {
		s = c.green
	}
	return readingOf(s.Rehearsed().Usage(ctx)), nil
}

// readingOf takes from what a server has spent what a rehearsal compares.
func readingOf(spent bench.Spending) upgrade.Reading {
	r := upgrade.Reading{CPU: spent.Server.CPU, RSS: spent.Server.PeakRSS}
	if t := spent.Runtime; t != nil {
		r.Heap, r.Goroutines = t.Heap, t.Goroutines
		r.RSS = cmp.Or(t.RSS, r.RSS)
	}
	return r
}

func (c *contained) prepare(report *Report) (all []upgrade.Task) {
	switch {
	case c.options.Project != nil:
		all = c.sizes(report)
	case c.dataset != nil:
		all = append(all, c.multiplied(report, *c.dataset, *c.dataset))
	}
	if own := c.options.beforeCopy(); own.sql != "" {
		all = append(all, upgrade.Task{Name: "run --before-copy on blue", Commands: []string{"psql BLUE -f FILE.sql"},
			Do: func(ctx context.Context) error { return own.run(ctx, c.blue) }})
	}
	return all
}

// multiplied brings blue to the size of a data set, by so many rows more.
func (c *contained) multiplied(report *Report, to, more containers.Dataset) upgrade.Task {
	return upgrade.Task{
		Name: "multiply the rows to " + to.String(),
		Do: func(ctx context.Context) error {
			f, err := c.blue.Rehearsed().Multiply(ctx, more)
			report.Filled = fmt.Sprintf("%s written in %v, %.0f a second",
				digits.Count(f.Written, "row"), f.Elapsed.Round(time.Millisecond), f.Rate())
			return err
		},
	}
}

func (c *contained) launch(ctx context.Context) (upgrade.Side, error) {
	begun := time.Now()
	if err := c.green.Rehearsed().Launch(ctx); err != nil {
		return nil, blamedStart(ctx, begun, err, c.blue, c.green)
	}
	c.launched = true
	return newSide(ctx, c.green)
}

// wayBackPatience is how long the old version may take to start on green's database, at least, and how
// many times as long as its first start took.
const (
	wayBackPatience = 30 * time.Second
	wayBackTimes    = 4
)

// wayBack starts the old version on green's database.
func (c *contained) wayBack(ctx context.Context) (upgrade.Side, func(context.Context) error, error) {
	o := c.stackOptions()
	o.Timeout = max(wayBackPatience, wayBackTimes*c.blue.RestartCost())
	old, err := c.green.Rehearsed().Successor(ctx, c.from, o, true)
	if err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	if err := old.Rehearsed().Launch(ctx); err != nil {
		return nil, nil, errors.Join(blamedReturn(ctx, begun, err, c.blue, c.green), old.Close())
	}
	side, err := newSide(ctx, old)
	if err != nil {
		return nil, nil, errors.Join(err, old.Close())
	}
	return side, func(context.Context) error { return old.Close() }, nil
}

// ailments are what is wrong with the databases, and with servers that nobody has stopped.
func (c *contained) ailments() (all []string) {
	for _, one := range []struct {
		name  string
		stack *containers.Stack
		serve bool
	}{{"blue", c.blue, c.options.Strategy == upgrade.BlueGreen}, {"green", c.green, c.launched}} {
		if one.stack == nil {
			continue
		}
		for _, cause := range one.stack.Causes() {
			if one.serve || cause.Part == "database" {
				all = append(all, one.name+": "+cause.String())
			}
		}
	}
	return all
}

func (c *contained) close() error {
	if c.blue == nil {
		return nil
	}
	// A run before this one may have left what it was about to tell of.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if c.green != nil {
		errs = append(errs, c.green.Close())
	}
	errs = append(errs, containers.RemoveRun(ctx, c.blue.Rehearsed().Memento().Run), c.blue.Close())
	return errors.Join(errs...)
}
