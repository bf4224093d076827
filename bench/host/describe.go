package host

import (
	"fmt"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
)

// cpuName is the processor's. Where /proc does not name it, as on arm64, or there is no
// /proc, the system is asked another way: two Gravitons are two machines.
func cpuName() string {
	if name := field(readFile("/proc/cpuinfo"), "model name"); name != "" {
		return name
	}
	all, err := cpu.Info()
	if err != nil || len(all) == 0 {
		return ""
	}
	return strings.TrimSpace(all[0].VendorID + " " + all[0].ModelName)
}

// memory is that of the machine in bytes, 0 where the system does not tell.
func memory() int64 {
	if n := kilobytes(field(readFile("/proc/meminfo"), "MemTotal")); n > 0 {
		return n
	}
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0
	}
	return int64(m.Total)
}

// LoadAverage is the load of the last 1, 5 and 15 minutes, with what else /proc tells of it;
// "" where the system does not tell.
func LoadAverage() string {
	if text := strings.TrimSpace(readFile("/proc/loadavg")); text != "" {
		return text
	}
	l, err := load.Avg()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%.2f %.2f %.2f", l.Load1, l.Load5, l.Load15)
}
