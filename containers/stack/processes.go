package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/host"
)

// processes is how a container's spending is read.
type processes struct {
	pid    int    // of its largest process on this machine; 0 when the engine is elsewhere
	cpu    string // file with the CPU time of its control group; "" when there is none
	memory string // likewise, of its memory
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
				p.pid = heaviest(p.pid, "/sys/fs/cgroup"+parts[2]+"/cgroup.procs")
			case "cpuacct":
				p.cpu = existing("/sys/fs/cgroup/cpuacct" + parts[2] + "/cpuacct.usage")
			case "memory":
				p.memory = existing("/sys/fs/cgroup/memory" + parts[2] + "/memory.stat")
				p.pid = heaviest(p.pid, "/sys/fs/cgroup/memory"+parts[2]+"/cgroup.procs")
			}
		}
	}
	return p
}

// heaviest is the process of a control group with the largest resident set: some servers
// are started by a script that stays. first is the answer when the group cannot be read.
func heaviest(first int, list string) int {
	text, err := os.ReadFile(list)
	if err != nil {
		return first
	}
	most := int64(-1)
	for field := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil || pid == 0 {
			continue
		}
		if rss := host.ProcessUsage(pid).PeakRSS; rss > most {
			first, most = pid, rss
		}
	}
	return first
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
