package stack

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// logLines is how much of a failed container's log is shown, logWidth how many bytes
// of each line.
const (
	logLines = 50
	logWidth = 400
)

// StartError is the error of a container that did not start or did not become ready.
type StartError struct {
	Err  error
	Said string // lines that tell of errors, of its whole log; "" for none
	Log  string // its last lines, "" when it wrote none
	Cure string // what probably helps, "" when that is not known
	// Ended is how the container ended by itself; nil when it runs, or ended well, or nobody can tell.
	Ended *ExitError
}

func (e *StartError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	if e.Said != "" && !strings.Contains(e.Log, e.Said) {
		b.WriteString("\nthe container said:\n  ")
		b.WriteString(strings.ReplaceAll(e.Said, "\n", "\n  "))
	}
	if e.Log != "" {
		b.WriteString("\nthe last lines of the container's log:\n  ")
		b.WriteString(strings.ReplaceAll(e.Log, "\n", "\n  "))
	}
	if e.Cure != "" {
		b.WriteString("\nlikely cure: " + e.Cure)
	}
	return b.String()
}

func (e *StartError) Unwrap() error { return e.Err }

// ExitError says that a command ran in a container of its own and ended with a code that tells of a failure.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("ended with code %d", e.Code) }

// leastSignal is above the codes that programs choose: a shell's and an engine's way to tell of a signal.
const leastSignal = 128

// Killed tells whether the command was ended from outside, and had no word in it.
func (e *ExitError) Killed() bool { return e.Code > leastSignal }

// StatementError says which line of a script a database refused, and in which words.
type StatementError struct {
	Line int // from 1
	Said string
}

func (e *StatementError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Said) }

// explain adds the container's log and the likely cure.
func (b *builder) explain(err error, ran *running) error {
	e := &StartError{Err: err}
	if ran.container != nil {
		// The start's own context may be the reason of the failure.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		lines := ran.lines(ctx)
		e.Log, e.Said = b.mask(tail(lines)), b.mask(telling(lines))
		if state, err := ran.container.State(ctx); err == nil {
			if state.OOMKilled {
				e.Cure = "it was killed for want of memory: give it more with --memory"
			}
			if !state.Running && state.ExitCode != 0 {
				e.Ended = &ExitError{state.ExitCode}
			}
		}
	}
	if e.Cure == "" {
		e.Cure = cure(err.Error() + "\n" + e.Log)
	}
	return e
}

// tail is the end of a log.
func tail(lines []string) string { return strings.Join(lines[max(0, len(lines)-logLines):], "\n") }

// mostTelling is how many lines that tell of errors are kept.
const mostTelling = 5

// errorLine is how programs and databases begin what went wrong. Some write a trace of thousands of lines after it.
var errorLine = regexp.MustCompile(`(?i)\b(error|fatal|panic):|error executing|violates|SQLSTATE`)

// telling are the first lines of a log that tell of errors, each once.
func telling(lines []string) string {
	var all []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if errorLine.MatchString(line) && !slices.Contains(all, line) && len(all) < mostTelling {
			all = append(all, line)
		}
	}
	return strings.Join(all, "\n")
}

// cures are what to do about what a log or an error says. The first match counts, so
// the particular come before the general.
var cures = []struct{ says, cure string }{
	{"port is already allocated", "another container or program has the port: stop it, or leave the choice of ports " +
		"to oauthbench"},
	{"address already in use", "another program has the port: stop it, or leave the choice of ports to oauthbench"},
	{"no space left on device", "the disk is full: remove what an earlier run left with oauthbench clean, and unused " +
		"images with docker image prune"},
	{"exec format error", "the image is for another processor: load the one for this machine"},
	{"Range of CPUs is from", "the engine has fewer CPUs than --cpus asks for: ask for fewer"},
	{"Minimum memory limit", "the engine needs a higher --memory"},
	{"Additional property", "the server does not know a setting that it was given by env.NAME: look the name up in " +
		"the documentation of this version"},
	{"The configuration contains values or keys which are invalid",
		"the server refuses a setting that it was given by env.NAME: look it up in the documentation of this version"},
	{"unknown flag", "this version does not know a flag it was started with: its tag may not be its version"},
	{"executable file not found", "the image is not laid out as the official one: its entry point must be the server"},
	{"password authentication failed", "the database has other credentials: an image of the database must honour " +
		"POSTGRES_USER and POSTGRES_PASSWORD"},
	{"could not access file \"pg_stat_statements\"",
		"the database's image lacks pg_stat_statements: use one that has PostgreSQL's contrib modules"},
	{"unrecognized configuration parameter",
		"this version of the database does not know a setting that db.NAME gave it"},
	{"invalid value for parameter", "the database refuses a value that db.NAME gave it"},
	{"Too Many Requests", "the registry refuses: load the image by hand with docker load"},
	{"context deadline exceeded", "it took too long: look at the log above, give it more CPU with --cpus, or close " +
		"what else runs on this machine"},
}

// cure finds what probably helps, "" when nothing is known.
func cure(text string) string {
	for _, c := range cures {
		if strings.Contains(text, c.says) {
			return c.cure
		}
	}
	return ""
}
