package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/engine"
)

// names of the one database and its one user in every stack.
const (
	databaseName = "oauth"
	databaseUser = "oauthbench"
	databaseHost = "database" // on the private network
)

// tries is how often a start is tried when a port that was free is taken meanwhile, or
// a name of the private network is not known yet.
const tries = 3

// Start starts a target and waits until its server is ready. On an error nothing is
// left: no container, no network, no volume; when something could not be removed the
// error says that too. An *engine.MissingImage or a *StartError is in the error's chain.
// Concurrent starts do not disturb each other.
func Start(ctx context.Context, spec Spec, o Options) (*Stack, error) {
	s, err := newStack(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	if err := (&boot{s}).run(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newStack(ctx context.Context, spec Spec, o Options) (*Stack, error) {
	if o.RunID == "" {
		o.RunID = engine.Random(6)
	}
	account := Account{databaseName, databaseUser, engine.Random(16)}
	s := &Stack{spec: spec, options: o, account: account, host: databaseHost}
	var err error
	if s.program, err = spec.Program(); err != nil {
		return nil, err
	}
	if s.database, err = spec.database.Program(spec.Database); err != nil {
		return nil, err
	}
	s.options.Server = o.Server.or(s.program.Limits)
	if o.Timeout == 0 {
		// What gets faster for a while is slowest when it starts.
		o.Timeout = 2*time.Minute + 3*s.program.WarmUp
	}
	if s.access, err = NewAccess(spec.Version, Site{}); err != nil {
		return nil, err
	}
	e, err := engine.Connect(ctx)
	if err != nil {
		return nil, err
	}
	s.builder = &builder{
		engine: e, mark: engine.Mark{Run: o.RunID, Stack: engine.Random(6)}, timeout: o.Timeout,
		secrets: []string{s.access.Secret, s.account.Password},
	}
	s.access.read = func(ctx context.Context, path string) ([]byte, error) {
		return e.ReadFile(ctx, s.builder.mark, s.server.image, path)
	}
	s.access.exec = func(ctx context.Context, script string, args ...any) error {
		return s.store.Exec(ctx, script, args...)
	}
	return s, nil
}

// boot brings up what a new stack is made of, one after another.
type boot struct{ stack *Stack }

func (b *boot) run(ctx context.Context) error {
	s := b.stack
	if err := b.findImages(ctx); err != nil {
		return err
	}
	describe(s)
	if err := s.builder.makeNetwork(ctx); err != nil {
		return err
	}
	b.tell("starting %s", s.base.image.Reference)
	if err := b.startDatabase(ctx); err != nil {
		return err
	}
	if err := b.choosePorts(); err != nil {
		return err
	}
	if s.program.Migrate != nil {
		b.tell("migrating for %s", s.server.image.Reference)
		for _, c := range s.program.Migrate(siteOf(s)) {
			if err := s.builder.migrate(ctx, s.server.image, b.withOwn(c), s.options.Server); err != nil {
				return err
			}
		}
	}
	if s.program.Prepare != nil {
		if err := s.program.Prepare(ctx, s.access); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	b.tell("starting %s", s.server.image.Reference)
	if err := b.startServer(ctx); err != nil {
		return err
	}
	if s.program.SetUp != nil {
		if err := s.program.SetUp(ctx, s.access); err != nil {
			return s.builder.explain(fmt.Errorf("set up: %w", err), &s.server)
		}
	}
	return errors.Join(s.server.watch(ctx), s.base.watch(ctx))
}

// findImages finds both images before anything is started, so that a missing one is
// told at once.
func (b *boot) findImages(ctx context.Context) (err error) {
	s := b.stack
	e := s.builder.engine
	reference := engine.Qualify(s.options.Registry, s.program.Image)
	if s.program.Build != nil {
		b.tell("building the image of %s", s.spec.Server)
		if reference, err = s.program.Build(ctx, e, s.options); err != nil {
			return err
		}
	}
	var first, second error
	s.server.image, first = e.Need(ctx, reference, s.options.Pull)
	s.base.image, second = e.Need(ctx, engine.Qualify(s.options.Registry, s.database.Image), s.options.Pull)
	var one, other *engine.MissingImage
	switch {
	case errors.As(first, &one) && errors.As(second, &other):
		one.Images = append(one.Images, other.Images...)
		return first
	case first != nil:
		return first
	}
	return second
}

func (b *boot) startDatabase(ctx context.Context) error {
	s := b.stack
	for try := 1; ; try++ {
		ports, err := freePorts(1)
		if err != nil {
			return err
		}
		outside := s.database.DSN(net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0])), s.account)
		s.access.DSN = s.database.DSN(net.JoinHostPort(s.host, strconv.Itoa(s.database.Port)), s.account)
		s.basePort = ports[0]
		err = s.builder.run(ctx, launch{
			role: roleDatabase, command: s.database.Serve(s.account), ports: map[int]int{s.database.Port: ports[0]},
			limits: s.options.Database, signal: s.database.Signal, shared: s.database.Shared, alias: s.host,
			ready: answering{func(ctx context.Context) error { return s.database.Ready(ctx, outside) }},
		}, &s.base)
		if err == nil {
			if s.store, err = s.database.Open(ctx, outside); err != nil {
				return s.builder.explain(fmt.Errorf("database %s: %w", s.database.Image, err), &s.base)
			}
			told, err := s.store.Settings(ctx)
			for name, value := range told {
				s.deployment.Settings[prefixDatabase+name] = value
			}
			return err
		}
		if !portTaken(err) || try == tries {
			return s.builder.explain(fmt.Errorf("database %s: %w", s.database.Image, err), &s.base)
		}
		if err := s.builder.remove(ctx, roleDatabase); err != nil {
			return err
		}
	}
}

// choosePorts settles the server's addresses, which are part of its settings and so
// of its migrations too.
func (b *boot) choosePorts() error {
	s := b.stack
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if s.options.Port != 0 {
		ports[0] = s.options.Port
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.Port)))
		if err != nil {
			return fmt.Errorf("port %d of 127.0.0.1 is taken: stop what uses it, or leave the choice to oauthbench",
				s.options.Port)
		}
		l.Close()
	}
	s.ports = map[int]int{s.program.Public: ports[0]}
	scheme := "http://"
	if s.program.Secure {
		scheme = "https://"
	}
	s.access.Issuer = scheme + "127.0.0.1:" + strconv.Itoa(ports[0])
	s.access.Admin = s.access.Issuer
	if s.program.Admin != 0 && s.program.Admin != s.program.Public {
		s.ports[s.program.Admin] = ports[1]
		s.access.Admin = "http://127.0.0.1:" + strconv.Itoa(ports[1])
	}
	return nil
}

// withOwn adds the environment that the target asks for.
func (b *boot) withOwn(c Command) Command {
	s := b.stack
	env := map[string]string{}
	maps.Copy(env, c.Env)
	maps.Copy(env, s.spec.Env)
	c.Env = env
	return c
}

func (b *boot) startServer(ctx context.Context) error {
	s := b.stack
	for try := 1; ; try++ {
		begin := time.Now()
		err := s.builder.run(ctx, launch{
			role: roleServer, command: b.withOwn(s.program.Serve(siteOf(s))), ports: s.ports,
			limits: s.options.Server, alias: "server",
			ready: b.ready(),
		}, &s.server)
		if err == nil {
			s.startTook = time.Since(begin)
			return nil
		}
		err = s.builder.explain(fmt.Errorf("server %s: %w", s.server.image.Reference, err), &s.server)
		taken := portTaken(err) && s.options.Port == 0
		if !taken && !nameUnknown(err) || try == tries {
			return err
		}
		if err := s.builder.remove(ctx, roleServer); err != nil {
			return err
		}
		if taken {
			if err := b.choosePorts(); err != nil {
				return err
			}
		}
	}
}

// ready waits for the server's health, and for what it has to be asked besides.
func (b *boot) ready() answering {
	s := b.stack
	health := healthy(s.program.Health(s.access.Site))
	if s.program.Probe == nil {
		return health
	}
	return answering{func(ctx context.Context) error {
		if err := health.ask(ctx); err != nil {
			return err
		}
		return s.program.Probe(ctx, s.access)
	}}
}

// nameUnknown tells whether a server ended because the database's name was not known
// to the private network yet.
func nameUnknown(err error) bool {
	text := err.Error()
	for _, says := range []string{"no such host", "could not translate host name", "name resolution",
		"UnknownHostException"} {
		if strings.Contains(text, says) {
			return true
		}
	}
	return false
}

func (b *boot) tell(format string, args ...any) {
	s := b.stack
	if s.options.Progress != nil {
		s.options.Progress(fmt.Sprintf(format, args...))
	}
}
