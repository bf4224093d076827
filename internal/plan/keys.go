package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/bench/generator"
	"oauthbench/bench/verdict"
	"oauthbench/scenarios"
)

// Key is one thing a user can set: a flag and a key of the plan file.
type Key struct {
	Name     string
	Usage    string
	Commands []string // that have it
	Switch   bool     // true or false, given by naming it
	Repeat   bool     // may be given more than once, or as a list or map in a file
	Choices  []string // all values there are, when they are few; for completion
	set      func(p *Plan, values []string) error
}

// Keys are all of them; help, flags and the plan file are made from this list.
var Keys = slices.Concat(loadKeys, requestKeys)

// loadKeys are the keys that say what is measured, how often and how.
var loadKeys = []Key{
	{Name: "baseline", Usage: "target to compare with", Commands: []string{Compare},
		set: one(func(p *Plan, v string) error { p.Baseline = v; return nil })},
	{Name: "candidate", Usage: "target that must not be worse; may be repeated, for a run each", Commands: []string{Compare}, Repeat: true, set: setCandidates},
	{Name: "target", Usage: "target to measure", Commands: []string{Run, Selftest},
		set: one(func(p *Plan, v string) error { p.Candidate = v; return nil })},
	{Name: "scenario", Usage: "scenarios, mixed into one load: " + strings.Join(append(scenarios.Names(), scenarios.Mixed), ", "), Commands: all, Repeat: true, Choices: append(scenarios.Names(), scenarios.Mixed), set: setScenarios},
	{Name: "mix", Usage: "weights of scenarios in one load, instead of scenario: introspect=80,token=20, or " + strings.Join(mixNames(), ", ") + "; rate is then that of all", Commands: all, Repeat: true, Choices: mixNames(), set: setMix},
	{Name: "isolate", Usage: "run the scenarios one after another instead of mixed", Commands: []string{Compare}, Switch: true,
		set: one(func(p *Plan, v string) (err error) { p.Isolate, err = strconv.ParseBool(v); return err })},
	{Name: "rate", Usage: "offered rate of each scenario: 50/s, token=50/s, or auto (half of what the slower version can carry)", Commands: all, Repeat: true, set: setRates},
	{Name: "process", Usage: "arrival process: " + strings.Join(processes(), ", "), Commands: all, Choices: processes(),
		set: one(func(p *Plan, v string) error {
			p.Process = v
			return oneOf("arrival process", v, processes())
		})},
	{Name: "profile", Usage: "how thorough: " + strings.Join(profileNames(), ", "), Commands: []string{Compare}, Choices: profileNames(),
		set: one(func(p *Plan, v string) error {
			p.Profile = v
			return oneOf("profile", v, profileNames())
		})},
	{Name: "budget", Usage: "time for everything, instead of the profile's, such as 25m", Commands: []string{Compare, Selftest},
		set: duration(func(p *Plan) *time.Duration { return &p.Budget }, 20*time.Second, 24*time.Hour)},
	{Name: "duration", Usage: "how long to measure, such as 30s", Commands: []string{Run},
		set: duration(func(p *Plan) *time.Duration { return &p.Duration }, 2*time.Second, 24*time.Hour)},
	{Name: "timeout", Usage: "longest wait for one answer, such as 10s", Commands: all,
		set: duration(func(p *Plan) *time.Duration { return &p.Timeout }, 100*time.Millisecond, 10*time.Minute)},
	{Name: "max-workers", Usage: "most requests in flight; arrivals beyond wait, and their response times count the wait (default: what the timeout allows)", Commands: all,
		set: one(func(p *Plan, v string) (err error) {
			if p.MaxWorkers, err = strconv.Atoi(v); err != nil || p.MaxWorkers < 1 || p.MaxWorkers > bench.DefaultMaxWorkers {
				return fmt.Errorf("max-workers %q: want a whole number from 1 to %d", v, bench.DefaultMaxWorkers)
			}
			return nil
		})},
	{Name: "transport", Usage: "how requests are sent: sync (on the worker's own goroutine, never twice) or std (net/http, the cross-check)", Commands: all, Choices: transports(),
		set: one(func(p *Plan, v string) error {
			p.Transport = bench.Transport(v)
			return oneOf("transport", v, transports())
		})},
	{Name: "pacing", Usage: "how the generator waits for the next request: precise or relaxed (default what suits the machine)", Commands: all, Choices: choices(bench.Pacings),
		set: one(func(p *Plan, v string) error {
			p.Pacing = bench.Pacing(v)
			return oneOf("pacing", v, choices(bench.Pacings))
		})},
	{Name: "catch-up", Usage: "requests due while all workers wait for the server: burst (sent when workers are free) or none (not sent, counted as timeouts)", Commands: all, Choices: choices(bench.CatchUps),
		set: one(func(p *Plan, v string) error {
			p.CatchUp = bench.CatchUp(v)
			return oneOf("catch-up", v, choices(bench.CatchUps))
		})},
	{Name: "generator-cpus", Usage: "bind the generator to these CPUs while it measures, such as 0 or 0-1 (Linux)", Commands: all,
		set: one(func(p *Plan, v string) (err error) {
			if p.GeneratorCPUs, err = bench.ParseCPUList(v); err != nil {
				return err
			}
			return generator.CheckCPUs(p.GeneratorCPUs)
		})},
	{Name: "dataset", Usage: "rows in the databases before the measurement, such as clients=1000,tokens=1000000,revoked=5% (containers)", Commands: both,
		set: one(func(p *Plan, v string) error { p.Dataset = v; return nil })},
	{Name: "cpus", Usage: "limit of cores of every container, or server=1.5, database=1", Commands: both, Repeat: true, set: setCPUs},
	{Name: "cpuset", Usage: "CPUs that every container may use, such as 1-3, or server=2-3, database=1", Commands: both, Repeat: true, set: setCPUSets},
	{Name: "memory", Usage: "limit of memory of every container, or server=512m, database=1g", Commands: both, Repeat: true, set: setMemory},
	{Name: "registry", Usage: "mirror that images come from, put before their names, such as mirror.example/hub", Commands: both,
		set: one(func(p *Plan, v string) error { p.Registry = v; return nil })},
	{Name: "binary", Usage: "statically linked oauthbench that the image of reference targets is made of (default this program)", Commands: both,
		set: one(func(p *Plan, v string) error { p.Binary = v; return nil })},
	{Name: "offline", Usage: "never ask a registry for an image that the engine lacks", Commands: both, Switch: true,
		set: one(func(p *Plan, v string) (err error) { p.Offline, err = strconv.ParseBool(v); return err })},
	{Name: "margin", Usage: "slowdown that does not matter: 10%, \"p99 15%\", \"token p99 20%\" (default p50 5%, p95 10%, p99 15%)", Commands: []string{Compare, Selftest}, Repeat: true, set: setMargins},
	{Name: "least-margin", Usage: "slowdown that never matters, whatever share of a short response time it is (default 50us)", Commands: []string{Compare, Selftest},
		set: duration(func(p *Plan) *time.Duration { return &p.LeastMargin }, 0, time.Minute)},
	{Name: "slo", Usage: "absolute limit, such as \"token p99 < 100ms\"", Commands: both, Repeat: true, set: setSLOs},
	{Name: "seed", Usage: "of all randomness; a run with the same seed sends the same requests at the same times", Commands: all,
		set: one(func(p *Plan, v string) (err error) {
			if p.Seed, err = strconv.ParseUint(v, 10, 53); err != nil {
				return fmt.Errorf("seed %q: want a whole number from 0 to 2^53", v)
			}
			return nil
		})},
	{Name: "out", Usage: "directory for the run; it must not hold one already (default oauthbench-results/<time>)", Commands: all,
		set: one(func(p *Plan, v string) error { p.Out = v; return nil })},
}

var (
	both = []string{Compare, Run}
	all  = []string{Compare, Run, Selftest}
)

// Set gives a key its values. Errors name the value at fault.
func (p *Plan) Set(k Key, values []string) error {
	if !k.Repeat && len(values) != 1 {
		return fmt.Errorf("%s takes one value, not %d", k.Name, len(values))
	}
	if len(values) == 0 {
		return fmt.Errorf("%s is empty", k.Name)
	}
	return k.set(p, values)
}

// For lists the keys of a command.
func For(command string) []Key {
	var keys []Key
	for _, k := range Keys {
		if slices.Contains(k.Commands, command) {
			keys = append(keys, k)
		}
	}
	return keys
}

func one(set func(p *Plan, value string) error) func(*Plan, []string) error {
	return func(p *Plan, values []string) error { return set(p, values[0]) }
}

func duration(field func(*Plan) *time.Duration, least, most time.Duration) func(*Plan, []string) error {
	return one(func(p *Plan, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 30s or 1m30s", v)
		}
		if d < least || d > most {
			return fmt.Errorf("%q: want %v to %v", v, least, most)
		}
		*field(p) = d
		return nil
	})
}

func oneOf(what, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("unknown %s %q: there are %s", what, value, strings.Join(allowed, ", "))
	}
	return nil
}

func setScenarios(p *Plan, values []string) error {
	if len(values) == 1 && values[0] == scenarios.Mixed {
		return setMix(p, mixNames()[:1])
	}
	p.Scenarios, p.Mix = nil, nil
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			p.Scenarios = append(p.Scenarios, strings.TrimSpace(name))
		}
	}
	_, err := scenarios.Find(p.Scenarios)
	return err
}

func setCandidates(p *Plan, values []string) error {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("candidate %q is given twice", v)
		}
	}
	p.Candidate, p.More = values[0], nil
	if len(values) > 1 {
		p.More = values[1:]
	}
	return nil
}

func setSLOs(p *Plan, values []string) error {
	p.SLOs = nil
	for _, v := range values {
		slo, err := verdict.ParseSLO(v)
		if err != nil {
			return err
		}
		p.SLOs = append(p.SLOs, slo)
	}
	return nil
}

// choices are the names of values that are strings.
func choices[T ~string](values []T) []string {
	var names []string
	for _, v := range values {
		names = append(names, string(v))
	}
	return names
}

func processes() []string {
	var names []string
	for _, p := range bench.Processes {
		names = append(names, p.Name)
	}
	return names
}

func transports() []string {
	var names []string
	for _, t := range bench.Transports {
		names = append(names, string(t))
	}
	return names
}
