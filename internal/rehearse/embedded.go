package rehearse

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/authserver/process"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/owner"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// embedded does the steps between two embedded servers on SQLite, each in a process of its
// own, green's database being a copy of blue's.
type embedded struct {
	from, to    settings.Settings
	command     []string // runs serve, as in process.Options
	strategy    upgrade.Strategy
	directory   string
	shownFrom   string
	shownTo     string
	copied      string // file
	blue, green *process.Process
}

// child gives a server in a process the doors that it does not have.
type child struct{ *process.Process }

func (child) DeleteClient(context.Context, string) error { return errors.ErrUnsupported }

func newEmbedded(o Options) (*embedded, error) {
	e := &embedded{command: o.Command, strategy: o.Strategy, shownFrom: shown(o.From), shownTo: shown(o.To)}
	if o.Strategy != upgrade.BlueGreen {
		return nil, fmt.Errorf("--strategy %s is for servers in containers: use reference:v1", o.Strategy)
	}
	if o.Dataset != "" || o.Hooks != (Hooks{}) {
		return nil, errors.New("--dataset, --project and SQL of one's own are for servers in containers: use " +
			"reference:v1")
	}
	if o.Copy == ByFiles {
		return nil, errors.New("--copy files is for servers in containers: use reference:v1")
	}
	if o.Replay == BySQL {
		return nil, errors.New("--replay sql is for servers in containers whose rows are known: use hydra:v1.11.10")
	}
	if o.CatchUp {
		return nil, errors.New("--catch-up is for servers in containers whose rows are known: use hydra:v1.11.10")
	}
	var err error
	if e.from, err = parseEmbedded("--from", o.From); err != nil {
		return nil, err
	}
	e.to, err = parseEmbedded("--to", o.To)
	return e, err
}

// begin begins anew always: the servers end with the process that started them.
func (e *embedded) begin(ctx context.Context, _ string) (blue, green *side, err error) {
	if e.directory, err = owner.MakeTemp(); err != nil {
		return nil, nil, err
	}
	e.blue, err = process.Start(ctx, process.Options{Settings: e.from, Command: e.command})
	if err != nil {
		return nil, nil, err
	}
	blue, err = e.side(ctx, e.blue)
	return blue, nil, err
}

func (e *embedded) names() (from, to string) { return e.shownFrom, e.shownTo }

func (e *embedded) memento() string { return "" }

func (e *embedded) ailments() []string { return nil }

func (e *embedded) replayer() (replays, error) { return replays{}, nil }

func (e *embedded) side(ctx context.Context, p *process.Process) (*side, error) {
	resource, err := p.IntrospectionCredential(ctx)
	return &side{server: child{p}, resource: resource, http: newHTTP(nil)}, err
}

func (e *embedded) steps(*Report) (upgrade.Upgrade, error) {
	return upgrade.Upgrade{
		Restart: func(ctx context.Context) error { return e.blue.Restart(ctx) },
		Copy: func(ctx context.Context) (err error) {
			e.copied, err = e.blue.Copy(ctx, e.directory)
			return err
		},
		Migrate: []upgrade.Task{{Name: "migrate the copy", Do: func(ctx context.Context) error {
			return blamedEmbedded(process.Migrate(ctx, e.to, e.directory))
		}}},
		Usage:   e.usage,
		Start:   e.startGreen,
		CleanUp: func(ctx context.Context) error { return e.green.CleanUp(ctx) },
	}, nil
}

// usage is what the process at a place has spent so far.
func (e *embedded) usage(ctx context.Context, p upgrade.Place) (upgrade.Reading, error) {
	of := e.blue
	if p == upgrade.Green {
		of = e.green
	}
	spent := bench.Spending{Server: host.ProcessUsage(of.PID())}
	m, err := containers.ReadMetrics(ctx, http.DefaultClient, of.AdminURL()+settings.MetricsPath)
	spent.Runtime = &m.Runtime
	return readingOf(spent), err
}

// startGreen gives green blue's clients and keys, which are in the database.
func (e *embedded) startGreen(ctx context.Context) (_ upgrade.Side, err error) {
	e.green, err = process.Start(ctx, process.Options{Settings: e.to, Command: e.command, From: e.copied})
	if err != nil {
		return nil, err
	}
	return e.side(ctx, e.green)
}

func (e *embedded) close() error {
	var errs []error
	for _, p := range []*process.Process{e.blue, e.green} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if e.directory != "" {
		errs = append(errs, owner.RemoveTemp(e.directory))
	}
	return errors.Join(errs...)
}
