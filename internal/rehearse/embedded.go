package rehearse

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"

	"oauthbench/internal/authserver/process"
	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/oauth"
	"oauthbench/internal/owner"
	"oauthbench/scenarios/upgrade"
)

// Options say what is rehearsed.
type Options struct {
	From, To settings.Settings // on SQLite, with opaque tokens
	Command  []string          // runs serve, as in process.Options
	Env      []string          // of the servers, as in process.Options
	Twins    int               // equal grants of each sort
	Say      func(step string) // may be nil
}

// Embedded rehearses the upgrade of an embedded server. All that it makes is removed
// before it returns.
func Embedded(ctx context.Context, o Options) (result upgrade.Result, err error) {
	for _, s := range []settings.Settings{o.From, o.To} {
		if s.Database != settings.SQLite || s.Tokens != settings.TokensOpaque {
			return result, errors.New("rehearse: the embedded server is rehearsed with db=sqlite and tokens=opaque")
		}
	}
	directory, err := owner.MakeTemp()
	if err != nil {
		return result, err
	}
	e := &embedded{options: o, directory: directory, http: &http.Client{Transport: &http.Transport{}}}
	defer func() { err = errors.Join(err, e.close()) }()
	journal, err := upgrade.OpenJournal(filepath.Join(directory, "journal"))
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	blue, err := e.startBlue(ctx)
	if err != nil {
		return result, err
	}
	r := &upgrade.Rehearsal{Blue: blue, Upgrade: e, Journal: journal, Twins: o.Twins, Say: o.Say}
	return r.Run(ctx)
}

// embedded does the steps between two embedded servers (upgrade.Upgrade).
type embedded struct {
	options     Options
	directory   string
	copied      string // file
	http        *http.Client
	blue, green *side
}

func (e *embedded) startBlue(ctx context.Context) (*side, error) {
	server, err := process.Start(ctx,
		process.Options{Settings: e.options.From, Command: e.options.Command, Env: e.options.Env})
	if err != nil {
		return nil, err
	}
	e.blue = &side{server: server, http: e.http}
	e.blue.client, err = server.RegisterClient(ctx, oauth.ClientSpec{
		Name: "rehearsal", GrantTypes: []string{"authorization_code", "refresh_token"}, Scope: scope,
		RedirectURIs: []string{callback},
	})
	if err != nil {
		return nil, err
	}
	e.blue.resource, err = server.IntrospectionCredential(ctx)
	return e.blue, err
}

func (e *embedded) Copy(ctx context.Context) (err error) {
	e.copied, err = e.blue.server.Copy(ctx, e.directory)
	return err
}

func (e *embedded) Migrate(ctx context.Context) error {
	return process.Migrate(ctx, e.options.To, e.directory)
}

// Start gives green blue's client and resource server, whose secrets are in the database.
func (e *embedded) Start(ctx context.Context) (upgrade.Side, error) {
	server, err := process.Start(ctx, process.Options{
		Settings: e.options.To, Command: e.options.Command, Env: e.options.Env, From: e.copied,
	})
	if err != nil {
		return nil, err
	}
	e.green = &side{server: server, client: e.blue.client, resource: e.blue.resource, http: e.http}
	return e.green, nil
}

func (e *embedded) CleanUp(ctx context.Context) error { return e.green.server.CleanUp(ctx) }

func (e *embedded) close() error {
	e.http.CloseIdleConnections()
	var errs []error
	for _, s := range []*side{e.blue, e.green} {
		if s != nil {
			errs = append(errs, s.server.Close())
		}
	}
	return errors.Join(append(errs, owner.RemoveTemp(e.directory))...)
}
