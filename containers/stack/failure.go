package stack

import (
	"context"
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
	Log  string // its last lines, "" when it wrote none
	Cure string // what probably helps, "" when that is not known
}

func (e *StartError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
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

// explain adds the container's log and the likely cure.
func (b *builder) explain(err error, ran *running) error {
	e := &StartError{Err: err}
	if ran.container != nil {
		// The start's own context may be the reason of the failure.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		e.Log = b.mask(ran.lastLines(ctx, logLines))
		if state, err := ran.container.State(ctx); err == nil && state.OOMKilled {
			e.Cure = "it was killed for want of memory: give it more with --memory"
		}
	}
	if e.Cure == "" {
		e.Cure = cure(err.Error() + "\n" + e.Log)
	}
	return e
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
