package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"oauthbench/bench"
	"oauthbench/bench/host"
)

// processes is how a container's spending is read.
type processes struct {
	pid    int    // of its first process on this machine; 0 when the engine is elsewhere
	cpu    string // file with the CPU time of its control group; "" when there is none
	memory string // likewise, of its memory
}

// usageTimeout bounds a reading that has to ask the engine.
const usageTimeout = 3 * time.Second

// Usage is what the processes of a stack have spent so far, server and database
// apart. A part that cannot be read is not Known.
//
// CPU counts from the start of the server's process and of the database's container.
// PeakRSS of the server is the largest resident set of its process since ResetPeak
// or its start; that of the database is the memory its processes hold now, shared
// buffers once and file cache not counted, because a sum of resident sets would
// count the shared buffers for every connection.
type Usage struct{ Server, Database bench.Usage }

// Usage reads files of the kernel, within microseconds, and costs the stack nothing.
// Only an engine that runs elsewhere has to be asked.
func (s *Stack) Usage() Usage {
	return Usage{Server: s.read(&s.server, true), Database: s.read(&s.store, false)}
}

// Spent reads all that is told of what the stack has spent so far: Usage, Metrics and
// Counters. It takes milliseconds and costs the stack as much: read it between
// trials. What cannot be read is not Known, or nil.
func (s *Stack) Spent() bench.Spending {
	ctx, cancel := context.WithTimeout(context.Background(), usageTimeout)
	defer cancel()
	usage := s.Usage()
	spent := bench.Spending{Server: usage.Server, Database: usage.Database}
	if s.program.metrics != "" {
		if m, err := ReadMetrics(ctx, s.http, s.site.admin+s.program.metrics); err == nil {
			spent.Runtime, spent.Pools = &m.Runtime, m.Pools
		}
	}
	if c, err := s.Counters(ctx); err == nil {
		spent.Counters = &c
	}
	return spent
}

// ResetPeak starts the server's peak memory anew, where the system allows it.
func (s *Stack) ResetPeak() {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if pid := s.server.processes.pid; pid != 0 {
		host.ResetPeak(pid)
	}
}

func (s *Stack) read(r *running, single bool) bench.Usage {
	r.mu.Lock()
	p := r.processes
	r.mu.Unlock()
	if p.cpu == "" {
		return s.ask(r)
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

// watchProcesses finds the files to read for both containers, after each start.
func (s *Stack) watchProcesses(ctx context.Context) error {
	for _, r := range []*running{&s.server, &s.store} {
		state, err := r.container.State(ctx)
		if err != nil {
			return fmt.Errorf("look at the container: %w", err)
		}
		if !state.Running {
			return errors.New("the container has ended")
		}
		r.mu.Lock()
		r.processes = findProcesses(state.Pid, r.container.GetContainerID())
		r.mu.Unlock()
	}
	return nil
}

// findProcesses returns the zero value when pid is not that container's process on
// this machine, as with an engine in a virtual machine.
func findProcesses(pid int, id string) processes {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil || pid == 0 || !strings.Contains(string(text), id) {
		return processes{}
	}
	p := processes{pid: pid}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // cgroups(7)
		if len(parts) != 3 {
			continue
		}
		for _, controller := range strings.Split(parts[1], ",") {
			switch controller {
			case "": // version 2
				if p.cpu == "" {
					p.cpu = existing("/sys/fs/cgroup" + parts[2] + "/cpu.stat")
				}
				if p.memory == "" {
					p.memory = existing("/sys/fs/cgroup" + parts[2] + "/memory.stat")
				}
			case "cpuacct":
				p.cpu = existing("/sys/fs/cgroup/cpuacct" + parts[2] + "/cpuacct.usage")
			case "memory":
				p.memory = existing("/sys/fs/cgroup/memory" + parts[2] + "/memory.stat")
			}
		}
	}
	return p
}

func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// readCPU reads cpuacct.usage of version 1 (nanoseconds) or cpu.stat of version 2
// (microseconds).
func readCPU(file string) (time.Duration, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	if filepath.Base(file) == "cpu.stat" {
		n, ok := statField(string(text), "usage_usec")
		return time.Duration(n) * time.Microsecond, ok
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return time.Duration(n), err == nil
}

// readHeld is the memory that the processes of a control group hold themselves: anonymous
// and shared, without the cache of files.
func readHeld(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for _, names := range [][2]string{{"total_rss", "total_shmem"}, {"anon", "shmem"}} {
		if anonymous, ok := statField(string(text), names[0]); ok {
			shared, _ := statField(string(text), names[1]) // older kernels do not tell
			return anonymous + shared
		}
	}
	return 0
}

// statField finds "name value" among lines.
func statField(text, name string) (int64, bool) {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && key == name {
			n, err := strconv.ParseInt(value, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// ask reads a container's spending from the engine, for engines elsewhere. Its
// memory is what the container holds now without inactive files, not a peak.
func (s *Stack) ask(r *running) bench.Usage {
	if r.container == nil {
		return bench.Usage{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), usageTimeout)
	defer cancel()
	answer, err := s.engine.ContainerStats(ctx, r.container.GetContainerID(), client.ContainerStatsOptions{})
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
