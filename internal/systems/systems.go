// Package systems knows what this program lacks where it does not run on Linux, so that a run
// says it in its first lines and the README says the same.
package systems

import (
	"slices"
	"strings"
)

// Kind is what is missing.
type Kind string

// The kinds, in the order in which they are told.
const (
	Guard  Kind = "guards"  // against a wrong verdict
	Figure Kind = "figures" // of a report
	Means  Kind = "means"   // something that can be done on Linux only
)

var kinds = []Kind{Guard, Figure, Means}

// Lack is something that Linux has and another system has not.
type Lack struct {
	Kind Kind
	What string
	On   []string // systems, as Go names them
	// Files are where the code says so, from the root of the module: they are not built for Linux.
	// Where there are none, /proc or a control group is read at run time, and is not there.
	Files []string
}

const (
	darwin  = "darwin"
	windows = "windows"
)

var both = []string{darwin, windows}

// lacks are all of them.
var lacks = []Lack{
	{Guard, "the look at other programs (no trial is repeated for them, --wait-quiet does not wait)", both, nil},
	{Guard, "telling a busy server from a generator that stands still", both,
		[]string{"bench/generator/elsewhere.go"}},
	{Guard, "exact timers (--pacing precise is relaxed)", both, []string{"bench/generator/elsewhere.go"}},
	{Guard, "the wait for Java's compilers", both, nil},
	{Guard, "the look whether a kept connection still stands", []string{windows},
		[]string{"bench/http1/look_other.go"}},
	{Figure, "processor time of the generator and of servers outside of containers", both,
		[]string{"bench/host/clock_other.go", "bench/host/sockets_other.go"}},
	{Figure, "peak memory (of containers: what they hold at the end)", both, nil},
	{Figure, "the last words of an embedded server that died, perhaps", []string{windows},
		[]string{"internal/authserver/process/childlog_other.go"}},
	{Figure, "free disk of the container engine", []string{windows}, []string{"containers/disk_other.go"}},
	{Means, "--generator-cpus", both, []string{"bench/generator/elsewhere.go"}},
	{Means, "planted faults that take processor time, or wait for less than the system's timers", both,
		[]string{"internal/faults/threadtime_other.go", "internal/faults/wait_other.go"}},
	{Means, "clean (it keeps all that may be in use)", []string{windows},
		[]string{"internal/owner/gone_other.go"}},
	{Means, "embedded servers that outlast ^C until the run has ended", []string{windows},
		[]string{"internal/authserver/process/detach_other.go"}},
}

// Missing says what a run on a system has to do without, a line for each kind; nothing for Linux.
func Missing(system string) []string {
	var lines []string
	for _, k := range kinds {
		var all []string
		for _, l := range lacks {
			if l.Kind == k && slices.Contains(l.On, system) {
				all = append(all, l.What)
			}
		}
		if all != nil {
			lines = append(lines, "missing on "+system+": "+string(k)+": "+strings.Join(all, "; "))
		}
	}
	return lines
}

// Markdown is a table of all that is missing, for the README.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Missing | macOS | Windows |\n|---|---|---|\n")
	for _, k := range kinds {
		for _, l := range lacks {
			if l.Kind != k {
				continue
			}
			b.WriteString("| " + l.What + " |")
			for _, system := range both {
				mark := " "
				if slices.Contains(l.On, system) {
					mark = " × "
				}
				b.WriteString(mark + "|")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
