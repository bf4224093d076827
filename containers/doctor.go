package containers

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/containers/engine"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// Verdict is how a check of Doctor ended.
type Verdict string

// The verdicts. A Warning lets one measure, but says what to mind.
const (
	Good    Verdict = "ok"
	Warning Verdict = "warning"
	Failed  Verdict = "failed"
)

// Check is one finding about this machine.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	// Meaning tells what follows and what to do; "" when it is Good.
	Meaning string `json:"meaning,omitempty"`
}

// DoctorOptions are what a measurement would ask for.
type DoctorOptions struct {
	Targets          []stack.Spec // whose images are looked for; may be empty
	Registry         string       // as in Options
	Server, Database stack.Limits
}

// Limits beyond which a check warns or fails.
const (
	oldestAPI   = "1.40" // of the engine's client library
	enoughCPUs  = 2
	enoughDisk  = 5 << 30 // bytes
	littleDisk  = 1 << 30
	clockMargin = 500 * time.Millisecond
)

// Doctor looks whether containers can be started and measured here. It changes
// nothing. When the engine does not answer that is the only check.
func Doctor(ctx context.Context, o DoctorOptions) []Check {
	e, err := engine.Connect(ctx)
	if err != nil {
		return []Check{{"engine", Failed, err.Error(),
			"no server can be started in a container: use embedded or external targets"}}
	}
	defer e.Client.Close()
	version, err := e.Client.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return []Check{{"engine", Failed, err.Error(),
			"the container engine does not answer: start it (systemctl start docker), or name it with DOCKER_HOST"}}
	}
	asked := time.Now()
	info, err := e.Client.Info(ctx, client.InfoOptions{})
	if err != nil {
		return []Check{{"engine", Failed, err.Error(),
			"the container engine does not tell about itself: look at its log"}}
	}
	checks := []Check{
		{"engine", Good, fmt.Sprintf("version %s, API %s", version.Version, version.APIVersion), ""},
		checkAPI(version.APIVersion),
		checkHost(e.Client.DaemonHost()),
		checkPorts(),
		checkCPUs(info.Info.NCPU, runtime.NumCPU(), o),
		checkLimits(info.Info.CPUCfsQuota, info.Info.MemoryLimit, info.Info.MemTotal, o),
		checkClock(info.Info.SystemTime, asked),
		checkDisk(info.Info.DockerRootDir),
		checkReaper(ctx, e),
		checkLeftOvers(ctx, e),
	}
	return append(checks, checkImages(ctx, e, o)...)
}

func checkAPI(version string) Check {
	if olderVersion(version, oldestAPI) {
		return Check{"api", Failed, version,
			"the engine is too old: update it to one with API " + oldestAPI + " or later (Docker 19.03)"}
	}
	return Check{"api", Good, version, ""}
}

// olderVersion compares versions such as 1.41 and 1.9 by their numbers.
func olderVersion(a, b string) bool {
	var x, y [2]int
	_, errX := fmt.Sscanf(a, "%d.%d", &x[0], &x[1])
	_, errY := fmt.Sscanf(b, "%d.%d", &y[0], &y[1])
	if errX != nil || errY != nil {
		return errX != nil
	}
	return x[0] < y[0] || x[0] == y[0] && x[1] < y[1]
}

// checkHost looks whether the loopback addresses that ports are published on are
// this machine's.
func checkHost(host string) Check {
	u, err := url.Parse(host)
	local := err == nil && (u.Scheme == "unix" || u.Scheme == "npipe" || u.Hostname() == "127.0.0.1" ||
		u.Hostname() == "localhost")
	if !local {
		return Check{"host", Failed, host, "the engine is on another machine, and ports are published on its " +
			"loopback address only: run oauthbench there"}
	}
	return Check{"host", Good, host, ""}
}

func checkPorts() Check {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Check{"ports", Failed, err.Error(),
			"no port of 127.0.0.1 can be listened on: look at the firewall and the sandbox"}
	}
	defer l.Close()
	return Check{"ports", Good, "free ports on 127.0.0.1", ""}
}

func checkCPUs(inEngine, here int, o DoctorOptions) Check {
	found := fmt.Sprintf("%d for containers, %d for oauthbench", inEngine, here)
	switch {
	case max(o.Server.CPUs, o.Database.CPUs) > float64(inEngine):
		return Check{"cpu", Failed, found,
			fmt.Sprintf("--cpus asks for more than the engine has: ask for at most %d", inEngine)}
	case inEngine < enoughCPUs:
		return Check{"cpu", Warning, found, "load generator, server and database share one core: tails are queueing, " +
			"not the server; use a machine with more"}
	case inEngine != here:
		return Check{"cpu", Warning, found,
			"the engine runs in a virtual machine: what the host does is not seen as interference"}
	}
	return Check{"cpu", Good, found, ""}
}

func checkLimits(quota, memory bool, total int64, o DoctorOptions) Check {
	found := fmt.Sprintf("CPU %s, memory %s, %.1f GiB in all", supported(quota), supported(memory),
		float64(total)/(1<<30))
	want := max(o.Server.Memory, o.Database.Memory)
	switch {
	case want > 0 && !memory, max(o.Server.CPUs, o.Database.CPUs) > 0 && !quota:
		return Check{"limits", Failed, found,
			"--cpus or --memory has no effect: enable the control groups of the kernel, or leave it out"}
	case want > total && total > 0:
		return Check{"limits", Failed, found, "--memory asks for more than there is: ask for less"}
	case !quota || !memory:
		return Check{"limits", Warning, found,
			"--cpus or --memory would have no effect: enable the control groups of the kernel"}
	}
	return Check{"limits", Good, found, ""}
}

func supported(yes bool) string {
	if yes {
		return "limits work"
	}
	return "cannot be limited"
}

func checkClock(told string, here time.Time) Check {
	t, err := time.Parse(time.RFC3339Nano, told)
	if err != nil {
		return Check{"clock", Warning, told,
			"the engine's time cannot be read: tokens may seem expired if its clock differs"}
	}
	off := t.Sub(here)
	found := fmt.Sprintf("containers differ by %v", off.Round(time.Millisecond))
	if off.Abs() > clockMargin {
		return Check{"clock", Warning, found,
			"tokens may seem expired or not yet Valid: restart the engine's virtual machine, or set the clock"}
	}
	return Check{"clock", Good, found, ""}
}

func checkDisk(root string) Check {
	free, known := freeDisk(root)
	found := fmt.Sprintf("%.1f GiB free in %s", float64(free)/(1<<30), root)
	switch {
	case !known:
		return Check{"disk", Warning, root,
			"the engine's disk is not this machine's: look there that some GiB are free"}
	case free < littleDisk:
		return Check{"disk", Failed, found, "databases will not fit: run oauthbench clean, and docker image prune"}
	case free < enoughDisk:
		return Check{"disk", Warning, found,
			"a filled data set may not fit: run oauthbench clean, and docker image prune"}
	}
	return Check{"disk", Good, found, ""}
}

// checkReaper looks for the reaper's image only when the user asked for the reaper.
func checkReaper(ctx context.Context, e *engine.Engine) Check {
	if off, _ := strconv.ParseBool(os.Getenv(engine.ReaperVariable)); off {
		return Check{"reaper", Good, "not used: after a kill, oauthbench clean removes what is left", ""}
	}
	if _, err := e.Client.ImageInspect(ctx, engine.Qualify("", engine.ReaperImage)); err != nil {
		return Check{"reaper", Failed, engine.ReaperImage + " absent",
			"load it, or unset " + engine.ReaperVariable + ": oauthbench does without it"}
	}
	return Check{"reaper", Warning, engine.ReaperImage + " present",
		"it publishes a port on all addresses; unset " + engine.ReaperVariable + ": oauthbench does without it"}
}

func checkLeftOvers(ctx context.Context, e *engine.Engine) Check {
	leavings, err := e.Leavings(ctx)
	if err != nil {
		return Check{"left over", Warning, err.Error(), "what earlier runs left cannot be listed"}
	}
	var runs []string
	for _, l := range leavings {
		if l.Doubt() == "" {
			runs = append(runs, l.Run)
		}
	}
	if len(runs) > 0 {
		return Check{"left over", Warning, "of runs " + strings.Join(runs, ", "),
			"killed runs left containers, which disturb a measurement: run oauthbench clean"}
	}
	return Check{"left over", Good, "nothing of killed runs", ""}
}

func checkImages(ctx context.Context, e *engine.Engine, o DoctorOptions) []Check {
	var checks []Check
	seen := map[string]bool{}
	for _, spec := range o.Targets {
		images, err := spec.Images()
		if err != nil {
			checks = append(checks, Check{"image", Failed, err.Error(), "correct the target"})
			continue
		}
		for _, name := range images {
			reference := engine.Qualify(o.Registry, name)
			if seen[reference] {
				continue
			}
			seen[reference] = true
			if _, err := e.Need(ctx, reference, false); err != nil {
				checks = append(checks, Check{"image", Failed, reference, err.Error()})
				continue
			}
			checks = append(checks, Check{"image", Good, reference, ""})
		}
	}
	return checks
}
