package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"

	"oauthbench/containers/engine"
)

// Successor makes the place of a server that is to replace s: with s's secret and issuer,
// in s's network, on a database of its own that is empty, or on s's when share says so. No
// server is started: see Migrate and Launch. Close it before s.
func (s *Stack) Successor(ctx context.Context, spec Spec, o Options, share bool) (*Stack, error) {
	o.RunID = s.options.RunID
	next, err := newStack(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	next.account, next.access.Secret, next.issuer = s.account, s.access.Secret, issuerOf(s)
	next.builder.network, next.builder.secrets = s.builder.network, s.builder.secrets
	b := &boot{next}
	err = b.findImages(ctx)
	if err == nil {
		describe(next)
		if share {
			next.shared, next.store, next.access.DSN = true, s.store, s.access.DSN
			next.host, next.basePort = s.host, s.basePort
			next.base.image = s.base.image
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

// CopyFrom copies the database of another stack while that serves. What that is told
// after it has begun is not in the copy. What the database had is gone.
func (s *Stack) CopyFrom(ctx context.Context, from *Stack) error {
	script := s.database.Copy(from.host, from.account, s.account)
	options := []exec.ProcessOption{exec.WithEnv([]string{"PGPASSWORD=" + s.account.Password}), exec.Multiplexed()}
	code, out, err := s.base.container.Exec(ctx, []string{"sh", "-c", script}, options...)
	if err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	text, _ := io.ReadAll(io.LimitReader(out, maxAnswer)) // for the message alone
	if code != 0 {
		said := s.builder.mask(string(bytes.TrimSpace(text)))
		return fmt.Errorf("copy the database: it ended with code %d: %s", code, said)
	}
	return nil
}

// CopyCommand is the command that CopyFrom runs, for people.
func (s Spec) CopyCommand() string {
	db, err := s.database.Program(s.Database)
	if err != nil || db.Copy == nil {
		return ""
	}
	return db.Copy("BLUE", Account{"DATABASE", "USER", ""}, Account{"DATABASE", "USER", ""})
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
func (s *Stack) Migrate(ctx context.Context) error {
	for _, c := range s.program.migrations(siteOf(s)) {
		if err := s.RunCommand(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// RunCommand runs a command in a container of the server's image to its end.
func (s *Stack) RunCommand(ctx context.Context, c Command) error {
	return s.builder.migrate(ctx, s.server.image, (&boot{s}).withOwn(c), s.options.Server)
}

// CleanUp runs the job that removes what is no longer needed.
func (s *Stack) CleanUp(ctx context.Context) error {
	return s.program.Upgrade.CleanUp(ctx, s.access, s.RunCommand)
}

// Launch starts a successor's server.
func (s *Stack) Launch(ctx context.Context) error {
	if err := (&boot{s}).startServer(ctx); err != nil {
		return err
	}
	if s.program.SetUp != nil {
		if err := s.program.SetUp(ctx, s.access); err != nil {
			return s.builder.explain(fmt.Errorf("set up: %w", err), &s.server)
		}
	}
	return s.server.watch(ctx)
}

// StopServer ends the server; its database goes on.
func (s *Stack) StopServer(ctx context.Context) error {
	patience := stopPatience
	return s.server.container.Stop(ctx, &patience)
}

// Count asks the server's database for two numbers.
func (s *Stack) Count(ctx context.Context, query string) (concerned, of int64, err error) {
	return s.store.Count(ctx, query)
}

// Exec runs statements in the server's database.
func (s *Stack) Exec(ctx context.Context, script string) error { return s.store.Exec(ctx, script) }

// Account reads what the database tells of each of its tables.
func (s *Stack) Account(ctx context.Context) (Census, error) { return s.store.Account(ctx) }

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
func (s *Stack) Memento() Memento {
	return Memento{
		Run: s.builder.mark.Run, Stack: s.builder.mark.Stack, Network: s.builder.network, Secret: s.access.Secret,
		Account: s.account, Host: s.host, Issuer: s.issuer, Shared: s.shared,
		Address: s.access.Issuer, Admin: s.access.Admin, Ports: s.ports, Database: s.basePort,
	}
}

// Attach finds a stack again that a process has left which was killed.
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
	for role, r := range map[string]*running{roleServer: &s.server, roleDatabase: &s.base} {
		if err := s.find(ctx, role, r); err != nil {
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
func (s *Stack) find(ctx context.Context, role string, r *running) error {
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
