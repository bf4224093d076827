// Package firststart watches what a server says of itself while it starts: an orchestrator that takes
// an early sign for the whole sends it requests that it refuses.
package firststart

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// every is how often a start is looked at, and patience how long an answer may take.
const (
	every    = 100 * time.Millisecond
	patience = 2 * time.Second
)

// Seen is what a start has said.
type Seen struct {
	Up      map[string]time.Duration // first yes of each sign since the watch began
	Serves  time.Duration            // first yes of the server itself; 0 for none
	Looks   int                      // looks with at least one sign up
	Refused map[string]int           // refusals of the server itself while a sign was up
	Status  string                   // of the last refusal
}

// Watch looks at signs, by name, and at an address that the server itself serves, until the context is
// done.
func Watch(ctx context.Context, up map[string]string, serves string) Seen {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	seen := Seen{Up: map[string]time.Duration{}, Refused: map[string]int{}}
	begun := time.Now()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		for name, address := range up {
			if _, known := seen.Up[name]; !known && statusOf(ctx, client, address) == http.StatusOK {
				seen.Up[name] = time.Since(begun)
			}
		}
		if len(seen.Up) > 0 {
			seen.look(statusOf(ctx, client, serves), time.Since(begun))
		}
		select {
		case <-ctx.Done():
			return seen
		case <-tick.C:
		}
	}
}

// look takes what the server itself has answered, 0 for nothing, which is no refusal.
func (s *Seen) look(status int, at time.Duration) {
	s.Looks++
	switch {
	case status == http.StatusOK:
		if s.Serves == 0 {
			s.Serves = at
		}
	case status != 0 && s.Serves == 0:
		for name := range s.Up {
			s.Refused[name]++
		}
		s.Status = fmt.Sprintf("%d %s", status, http.StatusText(status))
	}
}

// statusOf is the status of an answer, 0 for none.
func statusOf(ctx context.Context, client *http.Client, address string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// FoundEarly is the name of the finding.
const FoundEarly = "says that it is up before it serves"

// Findings tell which signs said yes while the server refused what it is for.
func (s Seen) Findings() []upgrade.Finding {
	var early, late []string
	most := 0
	for _, name := range slices.Sorted(maps.Keys(s.Up)) {
		text := fmt.Sprintf("%s after %s", name, s.Up[name].Round(every))
		if s.Refused[name] > 0 {
			early, most = append(early, text), max(most, s.Refused[name])
		} else {
			late = append(late, text)
		}
	}
	if len(early) == 0 {
		return nil
	}
	text := fmt.Sprintf("while green migrates at its start, %s said yes, and its realms were refused with %s "+
		"in %s, "+
		"until %s", strings.Join(early, " and "), s.Status, digits.Count(most, "look"), s.Serves.Round(every))
	cure := "wait for one token before you send requests to it"
	if len(late) > 0 {
		text += "; " + strings.Join(late, " and ")
		cure = "have what sends it requests ask " + strings.Join(slices.DeleteFunc(slices.Sorted(maps.Keys(s.Up)),
			func(name string) bool { return s.Refused[name] > 0 }), " or ") + ", and wait for one token besides"
	}
	return []upgrade.Finding{{Name: FoundEarly, Of: s.Looks, Wrong: most, Note: true, Text: text, Cure: cure}}
}
