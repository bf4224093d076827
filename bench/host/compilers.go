package host

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// Compilers is what the just-in-time compilers of a Java virtual machine have spent: its
// threads "C1 CompilerThread0" and "C2 CompilerThread0", whose names Linux cuts after 15
// characters. Known is false for a process without such threads.
func Compilers(pid int) bench.Usage {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*", pid)) // The pattern is well formed.
	var sum bench.Usage
	for _, thread := range threads {
		name := readFile(thread + "/comm")
		if !strings.HasPrefix(name, "C1 Compiler") && !strings.HasPrefix(name, "C2 Compiler") {
			continue
		}
		ticks, ok := cpuTicks(readFile(thread + "/stat"))
		if !ok {
			continue // It ended meanwhile: such threads come and go with the work.
		}
		sum.CPU += time.Duration(ticks) * clockTick
		sum.Known = true
	}
	return sum
}
