package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Rehearsed is a stack in a rehearsal of an upgrade: its place is taken by another, its rows
// are copied, counted and changed.
type Rehearsed struct{ stack *Stack }

// Rehearsed is what only a rehearsal asks of a stack.
func (s *Stack) Rehearsed() Rehearsed { return Rehearsed{s} }

// Successor makes the place of a server that is to replace s: with s's secret and issuer,
// in s's network, on a database of its own that is empty, or on s's when share says so. No
// server is started: see Migrate and Launch. Close it before s.
func (r Rehearsed) Successor(ctx context.Context, spec Spec, o Options, share bool) (*Stack, error) {
	o.RunID = r.stack.options.RunID
	next, err := newStack(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	next.account, next.access.Secret, next.issuer = r.stack.account, r.stack.access.Secret, issuerOf(r.stack)
	next.builder.network, next.builder.secrets = r.stack.builder.network, r.stack.builder.secrets
	b := &boot{next}
	err = b.findImages(ctx)
	if err == nil {
		describe(next)
		if share {
			next.shared, next.store, next.access.DSN = true, r.stack.store, r.stack.access.DSN
			next.host, next.basePort = r.stack.host, r.stack.basePort
			next.base.image = r.stack.base.image
		} else {
			next.host = databaseHost + "-" + next.builder.mark.Stack
			err = b.startDatabase(ctx)
		}
	}
	if err == nil {
		err = b.choosePorts()
	}
	if err != nil {
		return nil, errors.Join(err, next.Close())
	}
	return next, nil
}

// issuerOf is what the server calls itself: its own address, but for a successor.
func issuerOf(s *Stack) string {
	if s.issuer != "" {
		return s.issuer
	}
	return s.access.Issuer
}

// siteOf is the site as the server is told it.
func siteOf(s *Stack) Site {
	site := s.access.Site
	site.Issuer = issuerOf(s)
	return site
}

// migrations bring a database to the version's schema.
func (p Program) migrations(site Site) []Command {
	migrate := p.Upgrade.Migrate
	if migrate == nil {
		migrate = p.Migrate
	}
	if migrate == nil {
		return nil
	}
	return migrate(site)
}

// MigrateCommands are the commands that Migrate runs, for people.
func (s Spec) MigrateCommands() (all []string) {
	p, err := s.Program()
	if err != nil {
		return nil
	}
	for _, c := range p.migrations(Site{DSN: &url.URL{Scheme: "postgres", Host: "GREEN"}}) {
		all = append(all, fmt.Sprintf("%s %v", s.Server, c.Args))
	}
	return all
}

// Migrate brings the database to the version's schema. After an error it may be tried
// again, and goes on where the server's migrations go on.
func (r Rehearsed) Migrate(ctx context.Context) error {
	// One of a process that was killed may still be at it.
	if err := r.stack.builder.remove(ctx, roleMigration); err != nil {
		return err
	}
	for _, c := range r.stack.program.migrations(siteOf(r.stack)) {
		if err := r.RunCommand(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// Hold holds the database to so many processors until release, so that what it does leaves others some.
// Not every engine can.
func (r Rehearsed) Hold(ctx context.Context, cpus float64) (release func() error, err error) {
	release = func() error { return hold(context.WithoutCancel(ctx), r.stack, r.stack.options.Database.CPUs) }
	return release, hold(ctx, r.stack, cpus)
}

// hold holds the database's container to so many processors; 0 gives it all.
func hold(ctx context.Context, s *Stack, cpus float64) error {
	at := s.builder.engine.Client
	if cpus == 0 { // the engine takes 0 for a limit that stays as it is
		info, err := at.Info(ctx, client.InfoOptions{})
		if err != nil {
			return fmt.Errorf("ask the engine for its processors: %w", err)
		}
		cpus = float64(info.Info.NCPU)
	}
	_, err := at.ContainerUpdate(ctx, s.base.container.GetContainerID(),
		client.ContainerUpdateOptions{Resources: &container.Resources{NanoCPUs: int64(cpus * 1e9)}})
	if err != nil {
		return fmt.Errorf("hold the database to %g processors: %w", cpus, err)
	}
	return nil
}

// RunCommand runs a command in a container of the server's image to its end.
func (r Rehearsed) RunCommand(ctx context.Context, c Command) error {
	return r.stack.builder.migrate(ctx, r.stack.server.image, (&boot{r.stack}).withOwn(c), r.stack.options.Server)
}

// Export is the SQL of the migration that the version would run on the database, which stays as it is;
// "" where there is nothing to migrate. It fails with errors.ErrUnsupported where the version cannot
// tell.
func Export(ctx context.Context, s *Stack) (sql string, err error) {
	if s.program.Upgrade.Export == nil {
		return "", unsupported(s, "write down its migration")
	}
	c, file := s.program.Upgrade.Export(siteOf(s))
	return leaves(ctx, s.builder, launch{command: (&boot{s}).withOwn(c), ports: s.ports, limits: s.options.Server,
		ready: healthy(s.program.Health(s.access.Site))}, s.server.image, file)
}

// leaves runs a command of a server and gives the file that it has left when it ended, whatever its code;
// "" where there is none because it serves instead of ending.
func leaves(ctx context.Context, b *builder, l launch, img engine.Image, file string) (text string, err error) {
	left := &running{image: img}
	defer func() { err = errors.Join(err, b.remove(context.WithoutCancel(ctx), roleMigration)) }()
	l.role = roleMigration
	err = b.run(ctx, l, left)
	if err == nil && l.ports != nil {
		return "", nil
	}
	if left.container == nil {
		return "", fmt.Errorf("run %v: %w", l.command.Args, err)
	}
	content, missing := left.container.CopyFileFromContainer(ctx, file)
	if missing != nil {
		return "", b.explain(fmt.Errorf("run %v: %w", l.command.Args, errors.Join(err, missing)), left)
	}
	defer content.Close()
	all, err := io.ReadAll(io.LimitReader(content, maxExport))
	return string(all), err
}

// Compatible asks whether two versions can serve beside each other, by what both say themselves: "" when
// they can, else what was said. It fails with errors.ErrUnsupported where they do not say.
func Compatible(ctx context.Context, next, old *Stack) (refusal string, err error) {
	said := next.program.Upgrade.Compatible
	if said.Check == nil || old.program.Upgrade.Compatible.Describe == nil {
		return "", unsupported(next, "tell beside which versions it can serve")
	}
	c, file := old.program.Upgrade.Compatible.Describe(siteOf(old))
	description, err := leaves(ctx, old.builder, launch{command: (&boot{old}).withOwn(c), limits: old.options.Server,
		ready: wait.ForExit()}, old.server.image, file)
	if err != nil {
		return "", err
	}
	failure := next.Rehearsed().RunCommand(ctx, said.Check(siteOf(next), description))
	if failure == nil || ctx.Err() != nil {
		return "", ctx.Err()
	}
	var lines []string
	for line := range strings.Lines(failure.Error()) {
		if strings.Contains(line, said.Says) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return cmp.Or(strings.Join(lines, "; "), failure.Error()), nil
}

// maxExport bounds a file that a command leaves, in bytes.
const maxExport = 16 << 20

// CleanUp runs the job that removes what is no longer needed.
func (r Rehearsed) CleanUp(ctx context.Context) error {
	return r.stack.program.Upgrade.CleanUp(ctx, r.stack.access, r.RunCommand)
}

// Launch starts a successor's server.
func (r Rehearsed) Launch(ctx context.Context) error {
	if err := (&boot{r.stack}).startServer(ctx); err != nil {
		return err
	}
	if r.stack.program.SetUp != nil {
		if err := r.stack.program.SetUp(ctx, r.stack.access); err != nil {
			return r.stack.builder.explain(fmt.Errorf("set up: %w", err), &r.stack.server)
		}
	}
	return r.stack.server.watch(ctx)
}

// Signs are what a start of the server shows while it is under way; the zero value for most.
func Signs(s *Stack) (up map[string]string, serves string) {
	signs := s.program.Upgrade.Start
	if signs.Serves == nil {
		return nil, ""
	}
	up = map[string]string{}
	for name, address := range signs.Up {
		up[name] = address(s.access.Site)
	}
	return up, signs.Serves(s.access.Site)
}

// Beneath ends an access token by the rows of the database alone. It fails with errors.ErrUnsupported
// where that is not known.
func Beneath(ctx context.Context, s *Stack, token string) error {
	if s.program.Upgrade.Beneath == nil {
		return unsupported(s, "end a token by its rows")
	}
	script, arguments, err := s.program.Upgrade.Beneath(token)
	if err != nil {
		return err
	}
	return s.store.Exec(ctx, script, arguments...)
}

// StopServer ends the server; its database goes on.
func (r Rehearsed) StopServer(ctx context.Context) error {
	patience := stopPatience
	return r.stack.server.container.Stop(ctx, &patience)
}

// Count asks the server's database for two numbers, after statements in the same session.
func (r Rehearsed) Count(ctx context.Context, query string, before ...string) (concerned, of int64, err error) {
	return r.stack.store.Count(ctx, query, before...)
}

// Exec runs statements in the server's database; a *StatementError is one that it refused.
func (r Rehearsed) Exec(ctx context.Context, script string) error {
	return r.stack.store.Exec(ctx, script)
}

// Account reads what the database tells of its tables and statements.
func (r Rehearsed) Account(ctx context.Context) (census.Census, error) {
	return r.stack.store.Account(ctx)
}

// Locks reads who holds and waits for locks now.
func (r Rehearsed) Locks(ctx context.Context) (census.Locks, error) { return r.stack.store.Locks(ctx) }

// AsksAbout is the request for the state of a token, by whom the server tells it; own says that the
// token's own client asks.
func (r Rehearsed) AsksAbout(resource oauth.Credential, token string) (request oauth.Request, own bool) {
	endpoint := r.stack.Endpoints().Introspection
	if r.stack.program.AsksAbout != nil {
		if who, hint, differs := r.stack.program.AsksAbout(r.stack.access, token); differs {
			return oauth.Introspect(endpoint, who, token, hint), true
		}
	}
	return oauth.Introspect(endpoint, resource, token), false
}

// instead maps the issuer's host to where a successor's server really is.
func instead(s *Stack) map[string]string {
	if s.issuer == "" {
		return nil
	}
	from, err1 := url.Parse(s.issuer)
	to, err2 := url.Parse(s.access.Issuer)
	if err1 != nil || err2 != nil {
		return nil
	}
	return map[string]string{from.Host: to.Host}
}

// Memento is what another process needs to go on with a stack whose process was killed.
// It has secrets in it.
type Memento struct {
	Run      string      `json:"run"`
	Stack    string      `json:"stack"`
	Network  string      `json:"network"`
	Secret   string      `json:"secret"`
	Account  Account     `json:"account"`
	Host     string      `json:"host"`
	Issuer   string      `json:"issuer"`
	Shared   bool        `json:"shared"`
	Address  string      `json:"address"`
	Admin    string      `json:"admin"`
	Ports    map[int]int `json:"ports"`
	Database int         `json:"database"` // port on 127.0.0.1
}

// Memento is what finds the stack again.
func (r Rehearsed) Memento() Memento {
	s := r.stack
	return Memento{
		Run: s.builder.mark.Run, Stack: s.builder.mark.Stack, Network: s.builder.network, Secret: s.access.Secret,
		Account: s.account, Host: s.host, Issuer: s.issuer, Shared: s.shared,
		Address: s.access.Issuer, Admin: s.access.Admin, Ports: s.ports, Database: s.basePort,
	}
}

// Attach finds a stack again that a process has left which was killed, and makes it this one's: what is
// left over is left alone by Clean from now on. After an error all is as it was.
func Attach(ctx context.Context, spec Spec, o Options, m Memento) (*Stack, error) {
	o.RunID = m.Run
	s, err := newStack(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	s.builder.mark = engine.Mark{Run: m.Run, Stack: m.Stack}
	s.builder.network, s.builder.secrets = m.Network, []string{m.Secret, m.Account.Password}
	s.account, s.host, s.issuer, s.shared, s.ports, s.basePort = m.Account, m.Host, m.Issuer, m.Shared, m.Ports,
		m.Database
	s.access.Secret, s.access.Issuer, s.access.Admin = m.Secret, m.Address, m.Admin
	if err := (&boot{s}).findImages(ctx); err != nil {
		return nil, err
	}
	describe(s)
	if err := s.builder.engine.Claim(ctx, s.builder.mark); err != nil {
		return nil, err
	}
	for role, r := range map[string]*running{roleServer: &s.server, roleDatabase: &s.base} {
		if err := (&boot{s}).find(ctx, role, r); err != nil {
			return nil, err
		}
	}
	if s.base.container == nil && !s.shared {
		return nil, errors.New("its database is gone")
	}
	outside := s.database.DSN(net.JoinHostPort("127.0.0.1", strconv.Itoa(m.Database)), s.account)
	s.access.DSN = s.database.DSN(net.JoinHostPort(s.host, strconv.Itoa(s.database.Port)), s.account)
	if s.store, err = s.database.Open(ctx, outside); err != nil {
		return nil, fmt.Errorf("database %s: %w", s.database.Image, err)
	}
	s.shared = m.Shared
	if s.server.container != nil && s.program.SetUp != nil {
		err = s.program.SetUp(ctx, s.access)
	}
	return s, err
}

// find finds the container of a role; none is no error.
func (b *boot) find(ctx context.Context, role string, r *running) error {
	s := b.stack
	filter := s.builder.mark.Filter().Add("label", engine.LabelRole+"="+role)
	list, err := s.builder.engine.Client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	if err != nil || len(list.Items) == 0 {
		return err
	}
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return err
	}
	r.engine = s.builder.engine
	r.container, err = provider.ContainerFromType(ctx, list.Items[0])
	return err
}
