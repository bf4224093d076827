package plan

import (
	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// generatorKeys say how requests leave the generator.
var generatorKeys = []Key{
	{
		Name: "max-workers", Group: Generator, Value: "NUMBER", Commands: all, Default: "what the timeout allows",
		Usage:  "most requests in flight; arrivals beyond wait, and the wait counts",
		access: count(func(p *Plan) *int { return &p.MaxWorkers }, bench.DefaultMaxWorkers),
	},
	{
		Name: "transport", Group: Generator, Value: "NAME", Commands: all, Choices: choices(bench.Transports),
		Default: "sync",
		Usage:   "how requests are sent: sync, or std (net/http, as a cross-check)",
		Detail:  "`sync` sends on the worker's own goroutine, and never twice.",
		access: exceptFirst(choice("transport", func(p *Plan) *bench.Transport {
			return &p.Transport
		}, choices(bench.Transports)),
			string(bench.Transports[0])),
	},
	{
		Name: "pacing", Group: Generator, Value: "NAME", Commands: all, Choices: choices(bench.Pacings),
		Default: "what suits the machine",
		Usage:   "how the generator waits for the next request",
		access:  choice("pacing", func(p *Plan) *bench.Pacing { return &p.Pacing }, choices(bench.Pacings)),
	},
	{
		Name: "catch-up", Group: Generator, Value: "NAME", Commands: all, Choices: choices(bench.CatchUps),
		Default: "burst",
		Usage:   "what becomes of requests that are due while all workers wait",
		Detail:  "`burst` sends them when workers are free, `none` counts them as timeouts without sending.",
		access:  choice("catch-up", func(p *Plan) *bench.CatchUp { return &p.CatchUp }, choices(bench.CatchUps)),
	},
	{
		Name: "generator-cpus", Group: Generator, Value: "CPUS", Commands: all,
		Usage: "bind the generator to these CPUs while it measures (Linux)",
		access: access{
			set: one(func(p *Plan, v string) (err error) {
				if p.GeneratorCPUs, err = bench.ParseCPUList(v); err != nil {
					return err
				}
				return generator.CheckCPUs(p.GeneratorCPUs)
			}),
			get: func(p *Plan) []string {
				if len(p.GeneratorCPUs) == 0 {
					return nil
				}
				return []string{p.GeneratorCPUs.String()}
			},
		},
	},
}

// exceptFirst leaves the first of some choices, which is the default, out of a run's record.
func exceptFirst(a access, first string) access {
	return access{a.set, func(p *Plan) []string {
		values := a.get(p)
		if len(values) == 1 && values[0] == first {
			return nil
		}
		return values
	}}
}
