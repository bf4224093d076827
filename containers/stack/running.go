package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/containers/engine"
)

// running is a container of a stack.
type running struct {
	image     engine.Image
	engine    *engine.Engine
	container *testcontainers.DockerContainer // nil until it is made

	mu        sync.Mutex
	processes processes // changes with a restart
}

// restart ends the container's process and starts a fresh one.
func (r *running) restart(ctx context.Context) error {
	patience := stopPatience
	if err := r.container.Stop(ctx, &patience); err != nil {
		return err
	}
	return r.container.Start(ctx)
}

// watch finds the files to read of the container's processes, after each start.
func (r *running) watch(ctx context.Context) error {
	state, err := r.container.State(ctx)
	if err != nil {
		return fmt.Errorf("look at the container: %w", err)
	}
	if !state.Running {
		return errors.New("the container has ended")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.processes = findProcesses(state.Pid, r.container.GetContainerID())
	return nil
}

// usage is what the container has spent. single is for one process, whose peak memory
// is known.
func (r *running) usage(single bool) bench.Usage {
	r.mu.Lock()
	p := r.processes
	r.mu.Unlock()
	if p.cpu == "" {
		return r.ask()
	}
	cpu, ok := readCPU(p.cpu)
	if !ok {
		return bench.Usage{} // it has ended
	}
	u := bench.Usage{CPU: cpu, Known: true}
	if single {
		u.PeakRSS = host.ProcessUsage(p.pid).PeakRSS
	} else {
		u.PeakRSS = readHeld(p.memory)
	}
	return u
}

// compilers is what the just-in-time compilers of its largest process have spent.
func (r *running) compilers() bench.Usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.processes.pid == 0 {
		return bench.Usage{}
	}
	return host.Compilers(r.processes.pid)
}

func (r *running) resetPeak() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if pid := r.processes.pid; pid != 0 {
		host.ResetPeak(pid)
	}
}

// ask reads a container's spending from the engine, for engines elsewhere. Its
// memory is what the container holds now without inactive files, not a peak.
func (r *running) ask() bench.Usage {
	if r.container == nil {
		return bench.Usage{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), usageTimeout)
	defer cancel()
	answer, err := r.engine.Client.ContainerStats(ctx, r.container.GetContainerID(), client.ContainerStatsOptions{})
	if err != nil {
		return bench.Usage{}
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil || stats.CPUStats.CPUUsage.TotalUsage == 0 {
		return bench.Usage{}
	}
	files := stats.MemoryStats.Stats["inactive_file"] + stats.MemoryStats.Stats["total_inactive_file"]
	return bench.Usage{
		CPU:     time.Duration(stats.CPUStats.CPUUsage.TotalUsage),
		PeakRSS: int64(stats.MemoryStats.Usage - min(files, stats.MemoryStats.Usage)),
		Known:   true,
	}
}

// lastLines is the end of a container's log, "" when it cannot be read.
func (r *running) lastLines(ctx context.Context, n int) string {
	lines := r.lines(ctx)
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// lines are those of a container's log; none when it cannot be read.
func (r *running) lines(ctx context.Context) []string {
	log, err := r.container.Logs(ctx)
	if err != nil {
		return nil
	}
	defer log.Close()
	data, err := io.ReadAll(io.LimitReader(log, 32<<20))
	if err != nil && len(data) == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimRight(string(bytes.ToValidUTF8(data, []byte("?"))), "\n"), "\n")
	for i, line := range lines {
		if len(line) > logWidth {
			lines[i] = strings.ToValidUTF8(line[:logWidth], "") + "…"
		}
	}
	return lines
}
