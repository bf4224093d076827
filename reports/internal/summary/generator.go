package summary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// WakeupWords say which pacing suits the machine, and why.
func WakeupWords(w bench.Wakeups) string {
	late := "precise waiting cannot be had here"
	if w.PreciseP50 > 0 {
		late = fmt.Sprintf("a precise wait is late by %s at P50 and %s at P99", units.Duration(w.PreciseP50),
			units.Duration(w.PreciseP99))
	}
	return fmt.Sprintf("%s; %s, a relaxed one by %s and %s", w.Best(), late, units.Duration(w.RelaxedP50),
		units.Duration(w.RelaxedP99))
}

// GeneratorNote says how the generator set itself up for the trials, "" when no trial tells.
func GeneratorNote(s *Summary) string {
	var ways []string
	var peak int64
	for _, t := range s.Run.Trials {
		u := t.Tuning
		if t.Warmup || u.Processors == 0 {
			continue
		}
		way := fmt.Sprintf("%s pacing", plaintext.Line(string(u.Pacing)))
		if u.Spin > 0 {
			way += fmt.Sprintf(" (the last %s of each wait by looking at the clock)", units.Duration(u.Spin))
		}
		if u.Grain > 0 {
			way += fmt.Sprintf(" (one wake-up each %s, for all arrivals that are due by then)", units.Duration(u.Grain))
		}
		way += fmt.Sprintf(", GOMAXPROCS %d", u.Processors)
		if len(u.CPUs) > 0 {
			way += ", bound to CPU " + u.CPUs.String()
		}
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
		peak = max(peak, t.Strain.InFlight)
	}
	if ways == nil {
		return ""
	}
	return fmt.Sprintf("generator: %s; at most %s in flight", strings.Join(ways, "; "),
		units.Plural(int(peak), "request"))
}
