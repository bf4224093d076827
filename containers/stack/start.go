package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"time"

	"github.com/testcontainers/testcontainers-go/network"
)

// Options are those of a start. The zero value is good for a try.
type Options struct {
	// RunID labels everything that is made; "" draws one. Stacks of one run share it.
	RunID string
	// Registry is put before the names of images that name no registry, as in
	// mirror.example/hub; "" is the environment's TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX.
	Registry string
	// Pull allows to ask the registry, once, for an image that the engine lacks.
	Pull bool
	// Server and Database limit each container.
	Server, Database Limits
	// Binary is the statically linked oauthbench that the reference server's image is
	// made of; "" is this program.
	Binary string
	// Port is the public port on 127.0.0.1; 0 is any free one.
	Port int
	// Timeout bounds each container's way to readiness; 0 is 2 min. Migrations count too.
	Timeout time.Duration
	// Progress, when not nil, is told what is being done, for people.
	Progress func(string)
}

// Limits are those of one container. The zero value sets none.
type Limits struct {
	CPUs   float64 // cores
	Memory int64   // bytes
	CPUSet string  // CPUs that it may use, as in cpuset(7); "" for all
}

// tries is how often a start is tried when a port that was free is taken meanwhile.
const tries = 3

// Start starts a target and waits until its server is ready. On an error nothing is
// left: no container, no network, no volume; when something could not be removed the
// error says that too. A *MissingImage or a *StartError is in the error's chain.
// Concurrent starts do not disturb each other.
func Start(ctx context.Context, spec Spec, o Options) (*Stack, error) {
	s, err := newStack(spec, o)
	if err == nil {
		s.engine, err = connect(ctx)
	}
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		if s != nil && s.engine != nil {
			err = errors.Join(err, s.Close())
		}
		return nil, err
	}
	return s, nil
}

func newStack(spec Spec, o Options) (*Stack, error) {
	if o.RunID == "" {
		o.RunID = random(6)
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	s := &Stack{spec: spec, options: o, id: random(6), password: random(16)}
	s.site.secret = random(32)
	jar, err := cookiejar.New(nil) // for administrations that keep a session
	if err != nil {
		return nil, err
	}
	s.http = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	if s.program, err = spec.program(); err != nil {
		return nil, err
	}
	if s.database, err = spec.engine(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	serverImage, databaseImage, err := s.images(ctx)
	if err != nil {
		return err
	}
	s.describe(serverImage, databaseImage)
	if err := s.makeNetwork(ctx); err != nil {
		return err
	}
	s.tell("starting %s", databaseImage.reference)
	if err := s.startDatabase(ctx, databaseImage); err != nil {
		return err
	}
	if err := s.choosePorts(); err != nil {
		return err
	}
	if s.program.migrate != nil {
		s.tell("migrating for %s", serverImage.reference)
		for _, c := range s.program.migrate(s.site) {
			maps.Copy(c.env, s.spec.Env)
			if err := s.migrate(ctx, serverImage, c); err != nil {
				return err
			}
		}
	}
	s.server.image = serverImage
	if s.program.prepare != nil {
		if err := s.program.prepare(ctx, s); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	s.tell("starting %s", serverImage.reference)
	if err := s.startServer(ctx); err != nil {
		return err
	}
	if s.program.setUp != nil {
		if err := s.program.setUp(ctx, s); err != nil {
			return s.explain(fmt.Errorf("set up: %w", err), s.server.container)
		}
	}
	return s.watchProcesses(ctx)
}

// images finds both images before anything is started, so that a missing one is
// told at once.
func (s *Stack) images(ctx context.Context) (server, database image, err error) {
	reference := qualify(s.options.Registry, s.program.image)
	if s.program.build != nil {
		s.tell("building the image of %s", s.spec.Server)
		if reference, err = s.program.build(ctx, s.engine, s.options); err != nil {
			return image{}, image{}, err
		}
	}
	server, err = s.engine.need(ctx, reference, s.options.Pull)
	database, second := s.engine.need(ctx, qualify(s.options.Registry, s.database.image), s.options.Pull)
	var one, other *MissingImage
	switch {
	case errors.As(err, &one) && errors.As(second, &other):
		one.Images = append(one.Images, other.Images...)
	case err == nil:
		err = second
	}
	return server, database, err
}

func (s *Stack) makeNetwork(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), makeTimeout)
	defer cancel()
	made, err := network.New(making, network.WithLabels(s.labels("network")))
	if err != nil {
		return fmt.Errorf("create a network: %w", err)
	}
	s.network = made.Name
	return nil
}

func (s *Stack) startDatabase(ctx context.Context, img image) error {
	for try := 1; ; try++ {
		ports, err := freePorts(1)
		if err != nil {
			return err
		}
		s.outside = s.database.dsn(net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0])), s.password)
		s.site.dsn = s.database.dsn(net.JoinHostPort(databaseHost, strconv.Itoa(s.database.port)), s.password)
		ran, err := s.run(ctx, launch{
			role: roleDatabase, image: img, command: s.database.serve(s.password), ports: map[int]int{s.database.port: ports[0]},
			limits: s.options.Database, signal: s.database.signal, shared: s.database.shared, alias: databaseHost,
			ready: connectable(s.outside.String()),
		})
		if err == nil {
			s.store.container = ran
			return s.openStatistics(ctx)
		}
		if !portTaken(err) || try == tries {
			return s.explain(fmt.Errorf("database %s: %w", s.database.image, err), ran)
		}
		if err := s.removeRole(ctx, roleDatabase); err != nil {
			return err
		}
	}
}

// choosePorts settles the server's addresses, which are part of its settings and so
// of its migrations too.
func (s *Stack) choosePorts() error {
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if s.options.Port != 0 {
		ports[0] = s.options.Port
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.Port)))
		if err != nil {
			return fmt.Errorf("port %d of 127.0.0.1 is taken: stop what uses it, or leave the choice to oauthbench", s.options.Port)
		}
		l.Close()
	}
	s.ports = map[int]int{s.program.public: ports[0]}
	scheme := "http://"
	if s.program.secure {
		scheme = "https://"
	}
	s.site.issuer = scheme + "127.0.0.1:" + strconv.Itoa(ports[0])
	s.site.admin = s.site.issuer
	if s.program.admin != 0 && s.program.admin != s.program.public {
		s.ports[s.program.admin] = ports[1]
		s.site.admin = "http://127.0.0.1:" + strconv.Itoa(ports[1])
	}
	return nil
}

func (s *Stack) startServer(ctx context.Context) error {
	for try := 1; ; try++ {
		c := s.program.serve(s.site)
		if c.env == nil {
			c.env = map[string]string{}
		}
		maps.Copy(c.env, s.spec.Env)
		ran, err := s.run(ctx, launch{
			role: roleServer, image: s.server.image, command: c, ports: s.ports, limits: s.options.Server, alias: "server",
			ready: healthy(s.program.health(s.site)),
		})
		if err == nil {
			s.server.container = ran
			return nil
		}
		if !portTaken(err) || s.options.Port != 0 || try == tries {
			return s.explain(fmt.Errorf("server %s: %w", s.server.image.reference, err), ran)
		}
		if err := errors.Join(s.removeRole(ctx, roleServer), s.choosePorts()); err != nil {
			return err
		}
	}
}

func (s *Stack) tell(format string, args ...any) {
	if s.options.Progress != nil {
		s.options.Progress(fmt.Sprintf(format, args...))
	}
}
