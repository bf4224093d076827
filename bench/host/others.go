package host

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Others is what everything but this process took of the machine for a while.
type Others struct {
	Share    float64   // of all cores, from 0 to 1
	Programs []Program // those that took most first, at most three
	Known    bool      // false where /proc does not tell
}

// Program is what one process took.
type Program struct {
	Name  string
	PID   int
	Cores float64 // They are an average.
}

// mostPrograms is how many programs are named.
const mostPrograms = 3

// String names the programs, "" when none is known.
func (o Others) String() string {
	var words []string
	for _, p := range o.Programs {
		words = append(words, fmt.Sprintf("%s (process %d, %.2f cores)", p.Name, p.PID, p.Cores))
	}
	return strings.Join(words, ", ")
}

// WatchOthers watches the machine for a while. It ends early, with what it has seen, when
// the context does.
func WatchOthers(ctx context.Context, d time.Duration) Others {
	return watchOthers(ctx, d, mostPrograms)
}

// watchOthers is WatchOthers with as many programs as most.
func watchOthers(ctx context.Context, d time.Duration, most int) Others {
	began, before, self, all := time.Now(), ReadCPUTime(), ProcessUsage(os.Getpid()), processTimes()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	after := ReadCPUTime()
	total := after.Total - before.Total
	if !before.Known || !after.Known || total <= 0 {
		return Others{}
	}
	own := ProcessUsage(os.Getpid()).Since(self).CPU
	o := Others{Known: true, Share: max(0, float64(after.Busy-before.Busy-own)/float64(total))}
	elapsed := time.Since(began)
	for pid, now := range processTimes() {
		// One that began meanwhile has spent all of it since.
		spent := now - all[pid]
		if cores := spent.Seconds() / elapsed.Seconds(); pid != os.Getpid() && cores >= 0.02 {
			o.Programs = append(o.Programs,
				Program{Name: processName(pid), PID: pid, Cores: min(cores, float64(runtime.NumCPU()))})
		}
	}
	slices.SortFunc(o.Programs, func(a, b Program) int {
		return cmp.Or(cmp.Compare(b.Cores, a.Cores), cmp.Compare(a.PID, b.PID))
	})
	o.Programs = o.Programs[:min(len(o.Programs), most)]
	return o
}

// processTimes are the CPU times of all processes that can be seen.
func processTimes() map[int]time.Duration {
	all := map[int]time.Duration{}
	paths, _ := filepath.Glob("/proc/[0-9]*") // The pattern is well formed.
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if u := ProcessUsage(pid); u.Known {
			all[pid] = u.CPU
		}
	}
	return all
}

// processName is the command of a process, with nothing that a terminal would act on.
func processName(pid int) string {
	name := strings.TrimSpace(readFile(fmt.Sprintf("/proc/%d/comm", pid)))
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, cmp.Or(name, "?"))
}
