package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// clockTick is the unit of CPU time in /proc. Linux fixes USER_HZ at 100 for user
// space on every architecture that Go supports (proc(5)).
const clockTick = 10 * time.Millisecond

// ProcessUsage reads what a process has spent since it started, and its peak memory
// since ResetPeak or its start. CPU is to the nanosecond where the kernel has a clock for
// other processes, else in ticks of 10 ms: a trial of three seconds has a hundred of them, and
// a cost shall be told to one per cent. Known is false where /proc does not tell.
func ProcessUsage(pid int) bench.Usage {
	text := readFile(fmt.Sprintf("/proc/%d/stat", pid))
	ticks, ok := cpuTicks(text)
	if !ok {
		return bench.Usage{}
	}
	cpu, exact := cpuClock(pid)
	if !exact {
		cpu = time.Duration(ticks) * clockTick
	}
	return bench.Usage{
		CPU:     cpu,
		PeakRSS: kilobytes(field(readFile(fmt.Sprintf("/proc/%d/status", pid)), "VmHWM")),
		Known:   true,
	}
}

// cpuTicks is the user and system time of a process or a thread, in clockTick, from its stat
// file.
func cpuTicks(stat string) (ticks int64, ok bool) {
	// The second field is the command in parentheses and may hold anything.
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, false
	}
	fields := strings.Fields(stat[end+1:])
	const utime, stime = 11, 12 // fields 14 and 15 of proc(5)
	if len(fields) <= stime {
		return 0, false
	}
	user, err1 := strconv.ParseInt(fields[utime], 10, 64)
	system, err2 := strconv.ParseInt(fields[stime], 10, 64)
	return user + system, err1 == nil && err2 == nil
}

// ResidentMemory is the memory that this process has now, in bytes; 0 where /proc does
// not tell.
func ResidentMemory() int64 { return kilobytes(field(readFile("/proc/self/status"), "VmRSS")) }

// ResetPeak starts the peak memory of a process anew. Where that is not allowed the
// peak stays the one since the process started.
func ResetPeak(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // allowed to fail
}

// CPUTime is the CPU time of the whole machine since it booted.
type CPUTime struct {
	Total, Busy, Steal time.Duration
	Known              bool // false where /proc does not tell
}

// ReadCPUTime reads it.
func ReadCPUTime() CPUTime {
	first, _, _ := strings.Cut(readFile("/proc/stat"), "\n")
	fields := strings.Fields(first)
	if len(fields) < 9 || fields[0] != "cpu" {
		return CPUTime{}
	}
	var m CPUTime
	// user nice system idle iowait irq softirq steal; guest time is in user already.
	for i, f := range fields[1:9] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return CPUTime{}
		}
		d := time.Duration(n) * clockTick
		m.Total += d
		switch i {
		case 3, 4: // idle, iowait
		case 7:
			m.Steal += d
		default:
			m.Busy += d
		}
	}
	m.Known = true
	return m
}
