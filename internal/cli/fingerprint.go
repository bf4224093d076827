package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oauthbench/bench"
	"oauthbench/internal/plan"
	"oauthbench/scenarios"
)

// property is one thing that must agree before figures of two runs may be compared.
type property struct {
	name, value string
	// length is set for lengths of trials, which follow from rates, budget and how long
	// the servers took to start: such lengths agree within a quarter.
	length time.Duration
}

func (p property) agrees(q property) bool {
	if p.length > 0 && q.length > 0 {
		return max(p.length, q.length).Seconds() <= 1.25*min(p.length, q.length).Seconds()
	}
	return p.value == q.value
}

// fingerprint is everything that decides what one role's figures are figures of, except
// the version itself: load, design, machine, and every setting of the deployment.
func fingerprint(h bench.Header, role bench.Role) ([]property, error) {
	var p plan.Plan
	if err := json.Unmarshal(h.Plan, &p); err != nil {
		return nil, fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	d, e := h.Deployments[role], h.Environment
	all := []property{
		{name: "seed", value: strconv.FormatUint(h.Seed, 10)},
		{name: "profile", value: p.Profile},
	}
	// A property of several loads is the list of their values.
	each := func(name string, of func(bench.Load) string) {
		var values []string
		for _, l := range h.Loads {
			values = append(values, of(l))
		}
		all = append(all, property{name: name, value: strings.Join(slices.Compact(values), "; ")})
	}
	streams := func(of func(bench.Stream) string) func(bench.Load) string {
		return func(l bench.Load) string {
			var words []string
			for _, s := range l.Streams {
				words = append(words, of(s))
			}
			return strings.Join(words, ", ")
		}
	}
	each("mix", streams(func(s bench.Stream) string { return s.Scenario }))
	each("rate", streams(func(s bench.Stream) string { return fmt.Sprintf("%s %.6g/s", s.Scenario, s.Rate) }))
	var chosen []scenarios.Scenario
	for _, name := range p.Scenarios {
		if found, err := scenarios.Find([]string{name}); err == nil { // else of another version
			chosen = append(chosen, found...)
		}
	}
	for _, s := range p.Parameters.OrDefaults().Settings(chosen) {
		all = append(all, property{name: s.Key, value: s.Value})
	}
	each("process", func(l bench.Load) string { return l.Process })
	each("lead-in", func(l bench.Load) string { return l.LeadIn.String() })
	each("length", func(l bench.Load) string { return l.Length.String() })
	if len(h.Loads) > 0 {
		all[len(all)-1].length = h.Loads[0].Length // the same for all
	}
	each("timeout", func(l bench.Load) string { return l.Timeout.String() })
	each("transport", func(l bench.Load) string { return string(cmp.Or(l.Transport, bench.Std)) })
	each("pacing", func(l bench.Load) string { return string(cmp.Or(l.Pacing, bench.Precise)) })
	each("catch-up", func(l bench.Load) string { return string(cmp.Or(l.CatchUp, bench.Burst)) })
	each("generator-cpus", func(l bench.Load) string { return cmp.Or(l.CPUs.String(), "all") })
	each("workers", func(l bench.Load) string { return strconv.Itoa(l.Workers) })
	all = append(all,
		property{name: "machine", value: fmt.Sprintf("%s %s, %s, %d cores, GOMAXPROCS %d", e.OS, e.Arch, e.CPU, e.Cores, e.GOMAXPROCS)},
		property{name: "server", value: d.Server},
		property{name: "database", value: d.Database},
	)
	for _, key := range slices.Sorted(maps.Keys(d.Settings)) {
		all = append(all, property{name: key, value: d.Settings[key]})
	}
	return all, nil
}

// differing is a property that two runs do not share; a value is "" where the run does
// not have it.
type differing struct{ name, then, now string }

func (d differing) String() string {
	orNone := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return fmt.Sprintf("%s (%s, now %s)", d.name, orNone(d.then), orNone(d.now))
}

// differences lists what two fingerprints do not share, in their order.
func differences(then, now []property) []differing {
	find := func(all []property, name string) property {
		i := slices.IndexFunc(all, func(p property) bool { return p.name == name })
		if i < 0 {
			return property{}
		}
		return all[i]
	}
	var out []differing
	for _, p := range then {
		if q := find(now, p.name); !p.agrees(q) {
			out = append(out, differing{p.name, p.value, q.value})
		}
	}
	for _, p := range now {
		known := slices.ContainsFunc(then, func(q property) bool { return q.name == p.name })
		if !known && p.value != "" {
			out = append(out, differing{p.name, "", p.value})
		}
	}
	return out
}

// guard tells what differs although it is allowed to, and fails when something
// differs that is not: like is compared with like, or the difference has a name.
func guard(then, now []property, allow []string) (allowed []differing, err error) {
	if err := known(allow, then, now); err != nil {
		return nil, err
	}
	all := differences(then, now)
	if refused := refusal(all, allow); refused != "" {
		return nil, fmt.Errorf("more than the version differs: %s", refused)
	}
	return all, nil
}

// refusal says which differences are not allowed, and how to allow them; "" when all
// are.
func refusal(all []differing, allow []string) string {
	var refused, flags []string
	for _, d := range all {
		if !slices.Contains(allow, d.name) {
			refused = append(refused, d.String())
			flags = append(flags, "--allow "+d.name)
		}
	}
	if refused == nil {
		return ""
	}
	return fmt.Sprintf("%s; measure alike, or name what may differ: %s", strings.Join(refused, ", "), strings.Join(flags, " "))
}

// known refuses to allow what no fingerprint has: a misspelt name would allow nothing.
func known(allow []string, fingerprints ...[]property) error {
	var names []string
	for _, p := range slices.Concat(fingerprints...) {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	for _, name := range allow {
		if !slices.Contains(names, name) {
			return fmt.Errorf("--allow %q: no such property; there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

func addAllow(cmd *cobra.Command, allow *[]string) {
	cmd.Flags().StringArrayVar(allow, "allow", nil, "property that may differ, such as hasher, seed, rate or machine; may be repeated")
}
