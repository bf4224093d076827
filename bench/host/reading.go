package host

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
)

// ThisEnvironment describes this machine.
func ThisEnvironment() bench.Environment {
	return bench.Environment{
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Kernel:     strings.TrimSpace(readFile("/proc/sys/kernel/osrelease")),
		CPU:        cpuName(),
		Cores:      runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Memory:     memory(),
		Go:         runtime.Version(),
	}
}

// readFile returns a small file of /proc, "" where there is none.
func readFile(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}

// field returns the value of the first "name: value" line, "" when there is none.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// kilobytes turns "1234 kB" into bytes, anything else into 0.
func kilobytes(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n * 1024
}
