package targets

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Property is one thing that must agree before figures of two runs may be compared.
type Property struct {
	Name, Value string
	// length is set for lengths of trials, which follow from rates, budget and how long
	// the servers took to start: such lengths agree within a quarter.
	length time.Duration
}

func (p Property) agrees(q Property) bool {
	if p.length > 0 && q.length > 0 {
		return max(p.length, q.length).Seconds() <= 1.25*min(p.length, q.length).Seconds()
	}
	return p.Value == q.Value
}

// seedName is the property of what a run draws for itself.
const seedName = "seed"

// Fingerprint is everything that decides what one role's figures are figures of, except
// the version itself: load, design, machine, and every setting of the deployment.
func Fingerprint(h bench.Header, role bench.Role) ([]Property, error) {
	var p plan.Plan
	if err := json.Unmarshal(h.Plan, &p); err != nil {
		return nil, fmt.Errorf("the stored plan cannot be read: %w", err)
	}
	d, e := h.Deployments[role], h.Environment
	all := []Property{
		{Name: seedName, Value: strconv.FormatUint(h.Seed, 10)},
		{Name: "profile", Value: p.Profile},
	}
	// A property of several loads is the list of their values.
	each := func(name string, of func(bench.Load) string) {
		var values []string
		for _, l := range h.Loads {
			values = append(values, of(l))
		}
		all = append(all, Property{Name: name, Value: strings.Join(slices.Compact(values), "; ")})
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
		all = append(all, Property{Name: s.Key, Value: s.Value})
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
		Property{Name: "machine", Value: fmt.Sprintf("%s %s, %s, %d cores, GOMAXPROCS %d", e.OS, e.Arch, e.CPU, e.Cores,
			e.GOMAXPROCS)},
		Property{Name: "server", Value: d.Server},
		Property{Name: "database", Value: d.Database},
	)
	for _, key := range slices.Sorted(maps.Keys(d.Settings)) {
		all = append(all, Property{Name: key, Value: d.Settings[key]})
	}
	return all, nil
}

// Difference is a property that two runs do not share; a value is "" where the run does
// not have it.
type Difference struct{ Name, then, now string }

func (d Difference) String() string {
	orNone := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return fmt.Sprintf("%s (%s, now %s)", d.Name, orNone(d.then), orNone(d.now))
}

// Differences lists what two fingerprints do not share, in their order.
func Differences(then, now []Property) []Difference {
	find := func(all []Property, name string) Property {
		i := slices.IndexFunc(all, func(p Property) bool { return p.Name == name })
		if i < 0 {
			return Property{}
		}
		return all[i]
	}
	var out []Difference
	for _, p := range then {
		if q := find(now, p.Name); !p.agrees(q) {
			out = append(out, Difference{p.Name, p.Value, q.Value})
		}
	}
	for _, p := range now {
		known := slices.ContainsFunc(then, func(q Property) bool { return q.Name == p.Name })
		if !known && p.Value != "" {
			out = append(out, Difference{p.Name, "", p.Value})
		}
	}
	return out
}

// Guard tells what differs although it is allowed to, and fails when something
// differs that is not: like is compared with like, or the difference has a name.
func Guard(then, now []Property, allow []string) (allowed []Difference, err error) {
	if err := CheckAllowed(allow, then, now); err != nil {
		return nil, err
	}
	all := Differences(then, now)
	if refused := Refusal(all, allow); refused != "" {
		return nil, fmt.Errorf("more than the version differs: %s", refused)
	}
	return all, nil
}

// Refusal says which differences are not allowed, and how to allow them; "" when all
// are.
func Refusal(all []Difference, allow []string) string {
	var refused, flags []string
	for _, d := range all {
		if !slices.Contains(allow, d.Name) {
			refused = append(refused, d.String())
			flags = append(flags, "--allow "+d.Name)
		}
	}
	if refused == nil {
		return ""
	}
	return fmt.Sprintf("%s; measure alike, or name what may differ: %s", strings.Join(refused, ", "),
		strings.Join(flags, " "))
}

// CheckAllowed refuses to allow what no fingerprint has: a misspelt name would allow nothing.
func CheckAllowed(allow []string, fingerprints ...[]Property) error {
	var names []string
	for _, p := range slices.Concat(fingerprints...) {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	for _, name := range allow {
		if !slices.Contains(names, name) {
			return fmt.Errorf("--allow %q: no such property: %s", name, nearest.Cure(name, names))
		}
	}
	return nil
}

// Settings are a deployment's settings as a fingerprint has them.
func Settings(d bench.Deployment) []Property {
	var all []Property
	for name, value := range d.Settings {
		all = append(all, Property{Name: name, Value: value})
	}
	slices.SortFunc(all, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
	return all
}
