package stack

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Condition is how one container of a stack is, by what the engine and its log say.
type Condition struct {
	Part        string // "server" or "database"
	Running     bool
	ExitCode    int    // of one that does not run
	OutOfMemory bool   // the kernel has ended a process of it
	DiskFull    bool   // its log says so
	LastLog     string // its last lines, without the stack's secrets
}

// conditionTimeout bounds a look at both containers.
const conditionTimeout = 10 * time.Second

// conditionLines is how much of a log a Condition has.
const conditionLines = 8

// Conditions look at the server and the database. That asks the engine and reads logs:
// do it when something went wrong, not while a trial runs.
func (s *Stack) Conditions() []Condition {
	ctx, cancel := context.WithTimeout(context.Background(), conditionTimeout)
	defer cancel()
	var all []Condition
	for _, part := range []struct {
		name string
		r    *running
	}{{roleServer, &s.server}, {roleDatabase, &s.base}} {
		if part.r.container == nil {
			continue // A further instance has no database of its own.
		}
		state, err := part.r.container.State(ctx)
		if err != nil {
			continue // the engine does not tell: nothing is known
		}
		c := Condition{Part: part.name, Running: state.Running, OutOfMemory: state.OOMKilled,
			LastLog: s.builder.mask(part.r.lastLines(ctx, conditionLines))}
		if !c.Running {
			c.ExitCode = state.ExitCode
		}
		c.DiskFull = SaysDiskFull(part.r.lastLines(ctx, logLines))
		all = append(all, c)
	}
	return all
}

// SaysDiskFull tells whether a log says that there was no room left to write.
func SaysDiskFull(log string) bool {
	log = strings.ToLower(log)
	return strings.Contains(log, "no space left on device") || strings.Contains(log, "disk quota exceeded") ||
		strings.Contains(log, "database or disk is full")
}

// Cause says in one line what is wrong, "" when nothing is.
func (c Condition) Cause() string {
	var what string
	switch {
	case c.DiskFull:
		what = "disk is full"
	case c.OutOfMemory && c.Running:
		what = "lost a process for want of memory"
	case c.OutOfMemory:
		what = "was killed for want of memory"
	case !c.Running:
		what = fmt.Sprintf("has ended with code %d", c.ExitCode)
	default:
		return ""
	}
	if c.DiskFull {
		what = "the " + c.Part + "'s " + what
	} else {
		what = "the " + c.Part + " " + what
	}
	if lines := strings.Split(c.LastLog, "\n"); lines[len(lines)-1] != "" {
		what += fmt.Sprintf("; the last line of its log is %q", lines[len(lines)-1])
	}
	return what
}
