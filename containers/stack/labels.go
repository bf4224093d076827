package stack

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/moby/moby/client"
)

// Labels of everything that is made here. Nothing without one of ours is ever touched.
const (
	labelRun   = "org.oauthbench.run"   // id of the run
	labelStack = "org.oauthbench.stack" // id of the stack
	labelRole  = "org.oauthbench.role"  // server, database, migration, ...
	labelOwner = "org.oauthbench.owner" // the process that made it, see owner
	labelKind  = "org.oauthbench"       // always "true": how Clean finds them
)

// labelReference marks images of the reference server, with its value.
const labelReference = labelKind + `.image=reference`

// labels are those of one object of a stack.
func (s *Stack) labels(role string) map[string]string {
	return map[string]string{
		labelKind: "true", labelRun: s.options.RunID, labelStack: s.id, labelRole: role, labelOwner: owner(os.Getpid()).String(),
	}
}

// mine finds the objects of this stack.
func (s *Stack) mine() client.Filters {
	return make(client.Filters).Add("label", labelRun+"="+s.options.RunID, labelStack+"="+s.id)
}

// random is n bytes in hexadecimal digits, from the system's generator.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, since Go 1.24
	return hex.EncodeToString(b)
}

// process is a process such that no later one is mistaken for it.
type process struct {
	host  string
	boot  string // id of the kernel's boot, "" where there is none
	pid   int
	start string // in ticks since the boot, "" where there is none
}

// owner describes a process of this machine.
func owner(pid int) process {
	host, _ := os.Hostname() // "" is as good as any name: it is compared with itself
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return process{host: host, boot: strings.TrimSpace(string(boot)), pid: pid, start: startTime(pid)}
}

// startTime is field 22 of proc(5)'s stat; the second field, which may hold
// anything, ends with the last parenthesis.
func startTime(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const starttime = 19 // field 22, counted after the parenthesis
	if len(fields) <= starttime {
		return ""
	}
	return fields[starttime]
}

func (p process) String() string {
	return fmt.Sprintf("%s/%s/%d/%s", p.host, p.boot, p.pid, p.start)
}

func parseProcess(label string) (p process, ok bool) {
	parts := strings.Split(label, "/")
	if len(parts) != 4 {
		return process{}, false
	}
	p = process{host: parts[0], boot: parts[1], start: parts[3]}
	_, err := fmt.Sscanf(parts[2], "%d", &p.pid)
	return p, err == nil
}

// gone tells whether the process that made something is known to have ended. A
// process of another host is not known to have: it may share this engine.
func (p process) gone() bool {
	now := owner(p.pid)
	switch {
	case p.host != now.host:
		return false
	case p.boot != now.boot:
		return true
	default:
		return p.start != now.start
	}
}
