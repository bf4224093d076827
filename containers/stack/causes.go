package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"

	"github.com/oauthbench/oauthbench/bench"
)

// causesTimeout bounds a look at both containers.
const causesTimeout = 10 * time.Second

// Causes are what is wrong with the server and the database, by what the engine and their logs say, without the
// stack's secrets. That asks the engine and reads logs: do it when something went wrong, not while a
// trial runs.
func (s *Stack) Causes() []bench.Cause {
	ctx, cancel := context.WithTimeout(context.Background(), causesTimeout)
	defer cancel()
	var all []bench.Cause
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
		if c, wrong := causeOf(state, s.builder.mask(part.r.lastLines(ctx, logLines))); wrong {
			c.Part = part.name
			all = append(all, c)
		}
	}
	return withoutQuotations(all)
}

// Ailing says what has kept a stack's database from its work since a time, by what the engine tells and
// whether it answers; nil when nothing has. Ask when a step has failed: what the server did is only to
// blame when the rest was well.
func Ailing(ctx context.Context, s *Stack, since time.Time) error {
	for _, c := range s.Causes() {
		if c.Part == roleDatabase {
			return errors.New(c.String())
		}
	}
	if base := s.base.container; base != nil {
		state, err := base.State(ctx)
		if err != nil {
			return fmt.Errorf("the database of %s is gone: %w", s.spec, err)
		}
		if at, err := time.Parse(time.RFC3339Nano, state.StartedAt); err == nil && at.After(since) {
			return fmt.Errorf("the database of %s was started anew meanwhile", s.spec)
		}
	}
	if _, _, err := s.store.Count(ctx, "SELECT 1::bigint, 1::bigint"); err != nil {
		return fmt.Errorf("the database of %s does not answer: %w", s.spec, err)
	}
	return nil
}

// withoutQuotations leaves a full disk of the server out when the database has one: servers log what the
// database answers, and a disk on which both stand is told by the database's line as well.
func withoutQuotations(all []bench.Cause) []bench.Cause {
	full := func(part string) func(bench.Cause) bool {
		return func(c bench.Cause) bool { return c.Part == part && c.Ailment == bench.DiskFull }
	}
	if slices.ContainsFunc(all, full(roleDatabase)) {
		return slices.DeleteFunc(all, full(roleServer))
	}
	return all
}

// causeOf is what is wrong with a container in a state, the end of whose log is given; false when nothing is.
func causeOf(state *container.State, log string) (bench.Cause, bool) {
	lines := strings.Split(log, "\n")
	c := bench.Cause{Log: lines[len(lines)-1]}
	for _, line := range lines {
		if bench.SaysDiskFull(line) {
			c.Ailment, c.Log = bench.DiskFull, line
		}
	}
	switch {
	case c.Ailment == bench.DiskFull:
	case state.OOMKilled && state.Running:
		c.Ailment = bench.LostMemory
	case state.OOMKilled:
		c.Ailment = bench.NoMemory
	case !state.Running:
		c.Ailment, c.ExitCode = bench.Ended, state.ExitCode
	}
	return c, c.Ailment != ""
}
