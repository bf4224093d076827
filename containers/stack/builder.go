package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Roles of a stack's containers, as in engine.LabelRole.
const (
	roleServer    = "server"
	roleDatabase  = "database"
	roleMigration = "migration"
)

// builder makes the things of one stack.
type builder struct {
	engine  *engine.Engine
	mark    engine.Mark
	network string // its name, "" until it is made
	timeout time.Duration
	secrets []string // that no log may show
}

// launch is one container to be started.
type launch struct {
	role    string
	command Command
	ports   map[int]int // inside to 127.0.0.1
	limits  Limits
	signal  string
	shared  int64  // bytes of shared memory; 0 is the engine's 64 MiB
	alias   string // host name on the private network
	ready   wait.Strategy
}

// loopback is the only address that ports are published on.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// makeTimeout bounds the making of one object by the engine.
const makeTimeout = time.Minute

func (b *builder) makeNetwork(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), makeTimeout)
	defer cancel()
	name := b.mark.Name("network")
	_, err := b.engine.Client.NetworkCreate(making, name,
		client.NetworkCreateOptions{Driver: "bridge", Labels: b.mark.Labels("network")})
	if err != nil {
		return fmt.Errorf("create a network: %w", err)
	}
	b.network = name
	return nil
}

// run starts a container of r's image and waits until it is ready. The container, if
// there is one, is in r after an error too; the stack's Close finds it by its labels.
func (b *builder) run(ctx context.Context, l launch, r *running) error {
	bindings, exposed := network.PortMap{}, []string{}
	for inside, outside := range l.ports {
		port := strconv.Itoa(inside) + "/tcp"
		exposed = append(exposed, port)
		bindings[network.MustParsePort(port)] = []network.PortBinding{{HostIP: loopback,
			HostPort: strconv.Itoa(outside)}}
	}
	var files []testcontainers.ContainerFile
	for path, content := range l.command.Files {
		files = append(files, testcontainers.ContainerFile{Reader: strings.NewReader(content), ContainerFilePath: path,
			FileMode: 0o444})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Making things is not interrupted half-way: the engine would finish what it was
	// asked for after Close has looked for it.
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), makeTimeout)
	defer cancel()
	mounts, err := b.mounts(making, r.image, l.role)
	if err != nil {
		return err
	}
	made, err := testcontainers.Run(making, r.image.Reference,
		testcontainers.WithNoStart(),
		testcontainers.WithLogger(tclog.NewNoopLogger()),
		testcontainers.WithLabels(b.mark.Labels(l.role)),
		testcontainers.WithCmd(l.command.Args...),
		testcontainers.WithEnv(maps.Clone(l.command.Env)),
		testcontainers.WithFiles(files...),
		testcontainers.WithExposedPorts(exposed...),
		testcontainers.CustomizeRequestOption(func(r *testcontainers.GenericContainerRequest) error {
			r.Name = b.mark.Name(l.role)
			r.Networks = []string{b.network}
			r.NetworkAliases = map[string][]string{b.network: {l.alias}}
			return nil
		}),
		testcontainers.WithConfigModifier(func(c *container.Config) { c.StopSignal = l.signal }),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
			h.PortBindings = bindings
			h.NanoCPUs = int64(l.limits.CPUs * 1e9)
			h.Memory = l.limits.Memory
			h.CpusetCpus = l.limits.CPUSet
			h.ShmSize = l.shared
			h.Mounts = append(h.Mounts, mounts...)
			// A log that is never read to its end must not fill the disk.
			h.LogConfig = container.LogConfig{Type: "json-file",
				Config: map[string]string{"max-size": "20m", "max-file": "2"}}
		}),
		testcontainers.WithWaitStrategyAndDeadline(b.timeout, l.ready),
	)
	r.engine, r.container = b.engine, made
	if err != nil {
		return err
	}
	return made.Start(ctx)
}

// mounts makes a volume of ours for each that the image declares: the engine's own
// would carry no label, and a killed run would leave it for ever.
func (b *builder) mounts(ctx context.Context, img engine.Image, role string) ([]mount.Mount, error) {
	var ms []mount.Mount
	for _, target := range slices.Sorted(slices.Values(img.Volumes)) {
		name := b.mark.Name(role)
		if _, err := b.engine.Client.VolumeCreate(ctx,
			client.VolumeCreateOptions{Name: name, Labels: b.mark.Labels(role)}); err != nil {
			return nil, fmt.Errorf("create volume for %s: %w", target, err)
		}
		ms = append(ms, mount.Mount{Type: mount.TypeVolume, Source: name, Target: target})
	}
	return ms, nil
}

// migrate runs one container to its end. One that did not find the database by its
// name is run again.
func (b *builder) migrate(ctx context.Context, img engine.Image, c Command, limits Limits) error {
	for try := 1; ; try++ {
		r := &running{image: img}
		err := b.run(ctx, launch{role: roleMigration, command: c, limits: limits, ready: wait.ForExit()}, r)
		if err == nil {
			var state *container.State
			if state, err = r.container.State(ctx); err == nil && state.ExitCode != 0 {
				err = &ExitError{state.ExitCode}
			}
		}
		if err != nil {
			err = b.explain(fmt.Errorf("migrate: %w", err), r)
			if !nameUnknown(err) || try == tries {
				return err
			}
		}
		// It has done its work: what it leaves would only be in the way of a look at the stack.
		if removal := b.remove(ctx, roleMigration); removal != nil {
			return fmt.Errorf("remove the container of the migrations: %w", removal)
		}
		if err == nil {
			return nil
		}
	}
}

// portTaken tells whether the engine could not publish a port.
func portTaken(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "port is already allocated") ||
		strings.Contains(err.Error(), "address already in use"))
}

// remove removes the containers of a role.
func (b *builder) remove(ctx context.Context, role string) error {
	found, err := b.engine.Client.ContainerList(ctx,
		client.ContainerListOptions{All: true, Filters: b.mark.Filter().Add("label", engine.LabelRole+"="+role)})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range found.Items {
		_, err := b.engine.Client.ContainerRemove(ctx, c.ID,
			client.ContainerRemoveOptions{RemoveVolumes: true, Force: true})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// mask hides secrets in a log: the stack's own, and those that its target has.
func (b *builder) mask(text string) string {
	for _, secret := range b.secrets {
		text = strings.ReplaceAll(text, secret, plaintext.Withheld)
	}
	return plaintext.Secrets.String(text)
}

// freePorts returns n different free ports of 127.0.0.1. Another program may take one
// before it is used: whoever uses it tries again.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port on 127.0.0.1: %w", err)
		}
		defer l.Close() // all are held until all are found
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
