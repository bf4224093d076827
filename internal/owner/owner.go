// Package owner tells who made things that must not outlive their maker, such as containers
// and temporary directories, and whether that process is certainly gone.
package owner

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Process is a process that made something, as its label says.
type Process struct {
	Host      string
	boot      string // id of the kernel's boot, "" where there is none
	namespace string // in which the number counts: see pidNamespace
	user      int    // -1 where users have no numbers
	pid       int
}

// Self is this process.
func Self() Process {
	host, _ := os.Hostname() // "" is as good as any name: it is compared with itself
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return Process{
		Host: host, boot: strings.TrimSpace(string(boot)), namespace: pidNamespace(),
		user: os.Getuid(), pid: os.Getpid(),
	}
}

// pidNamespace names the namespace of process numbers, "" when it is not known. Only
// Linux has several (pid_namespaces(7)).
func pidNamespace() string {
	if runtime.GOOS != "linux" {
		return runtime.GOOS
	}
	name, _ := os.Readlink("/proc/self/ns/pid") // "" without /proc
	return name
}

// String is the process as a label, which Parse reads.
func (p Process) String() string {
	return fmt.Sprintf("%s/%s/%s/%d/%d", p.Host, p.boot, p.namespace, p.user, p.pid)
}

// Parse reads a label. What it does not understand gives a process that is never held to
// be gone.
func Parse(label string) Process {
	parts := strings.Split(label, "/")
	if len(parts) != 5 {
		return Process{}
	}
	user, err1 := strconv.Atoi(parts[3])
	pid, err2 := strconv.Atoi(parts[4])
	if err1 != nil || err2 != nil || pid <= 0 {
		return Process{}
	}
	return Process{Host: parts[0], boot: parts[1], namespace: parts[2], user: user, pid: pid}
}

// Doubt says why the process may still run, and "" when it certainly does not: only a
// number that nobody has (ESRCH of kill(2)) in the very namespace in which it was given
// is certain. A process of another user has its number too.
func (p Process) Doubt() string {
	here := Self()
	switch {
	case p.pid == 0:
		return "of a process that its label does not name"
	case p.Host != here.Host || p.boot != here.boot:
		return fmt.Sprintf("of process %d on %s, which is another machine or an earlier boot of this one", p.pid,
			p.Host)
	case p.namespace == "" || p.namespace != here.namespace:
		return fmt.Sprintf("of process %d on %s in a PID namespace that cannot be looked into from here", p.pid, p.Host)
	case !Gone(p.pid):
		return fmt.Sprintf("of process %d of user %d on %s, which still runs", p.pid, p.user, p.Host)
	}
	return ""
}
