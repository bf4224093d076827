package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
)

// Roles of a stack's containers, as in labelRole.
const (
	roleServer    = "server"
	roleDatabase  = "database"
	roleMigration = "migration"
)

// launch is one container to be started.
type launch struct {
	role    string
	image   image
	command command
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

// run starts a container and waits until it is ready. The container, if there is
// one, is returned with the error too; the stack's Close finds it by its labels.
func (s *Stack) run(ctx context.Context, l launch) (*testcontainers.DockerContainer, error) {
	labels := s.labels(l.role)
	bindings, exposed := network.PortMap{}, []string{}
	for inside, outside := range l.ports {
		port := strconv.Itoa(inside) + "/tcp"
		exposed = append(exposed, port)
		bindings[network.MustParsePort(port)] = []network.PortBinding{{HostIP: loopback, HostPort: strconv.Itoa(outside)}}
	}
	var files []testcontainers.ContainerFile
	for path, content := range l.command.files {
		files = append(files, testcontainers.ContainerFile{Reader: strings.NewReader(content), ContainerFilePath: path, FileMode: 0o444})
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Making things is not interrupted half-way: the engine would finish what it was
	// asked for after Close has looked for it.
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), makeTimeout)
	defer cancel()
	mounts, err := s.mounts(making, l)
	if err != nil {
		return nil, err
	}
	made, err := testcontainers.Run(making, l.image.reference,
		testcontainers.WithNoStart(),
		testcontainers.WithLogger(tclog.NewNoopLogger()),
		testcontainers.WithLabels(labels),
		testcontainers.WithCmd(l.command.args...),
		testcontainers.WithEnv(maps.Clone(l.command.env)),
		testcontainers.WithFiles(files...),
		testcontainers.WithExposedPorts(exposed...),
		testcontainers.CustomizeRequestOption(func(r *testcontainers.GenericContainerRequest) error {
			r.Networks = []string{s.network}
			r.NetworkAliases = map[string][]string{s.network: {l.alias}}
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
			h.LogConfig = container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "20m", "max-file": "2"}}
		}),
		testcontainers.WithWaitStrategyAndDeadline(s.options.Timeout, l.ready),
	)
	if err != nil {
		return made, err
	}
	return made, made.Start(ctx)
}

// mounts makes a volume of ours for each that the image declares: the engine's own
// would carry no label, and a killed run would leave it for ever.
func (s *Stack) mounts(ctx context.Context, l launch) ([]mount.Mount, error) {
	var ms []mount.Mount
	for _, target := range slices.Sorted(slices.Values(l.image.volumes)) {
		name := fmt.Sprintf("oauthbench-%s-%s-%s", s.id, l.role, random(4))
		if _, err := s.engine.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: s.labels(l.role)}); err != nil {
			return nil, fmt.Errorf("create volume for %s: %w", target, err)
		}
		ms = append(ms, mount.Mount{Type: mount.TypeVolume, Source: name, Target: target})
	}
	return ms, nil
}

// migrate runs one container to its end.
func (s *Stack) migrate(ctx context.Context, img image, c command) error {
	ran, err := s.run(ctx, launch{role: roleMigration, image: img, command: c, limits: s.options.Server, ready: wait.ForExit()})
	if err == nil {
		var state *container.State
		if state, err = ran.State(ctx); err == nil && state.ExitCode != 0 {
			err = fmt.Errorf("ended with code %d", state.ExitCode)
		}
	}
	if err != nil {
		return s.explain(fmt.Errorf("migrate: %w", err), ran)
	}
	// It has done its work: what it leaves would only be in the way of a look at the stack.
	_, err = s.engine.ContainerRemove(ctx, ran.GetContainerID(), client.ContainerRemoveOptions{RemoveVolumes: true, Force: true})
	if err != nil {
		return fmt.Errorf("remove the container of the migrations: %w", err)
	}
	return nil
}

// portTaken tells whether the engine could not publish a port.
func portTaken(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "port is already allocated") ||
		strings.Contains(err.Error(), "address already in use"))
}

// removeRole removes the containers of a role before another try.
func (s *Stack) removeRole(ctx context.Context, role string) error {
	found, err := s.engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: s.mine().Add("label", labelRole+"="+role)})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range found.Items {
		_, err := s.engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{RemoveVolumes: true, Force: true})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
