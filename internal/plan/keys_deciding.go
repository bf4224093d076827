package plan

import (
	"time"

	"oauthbench/bench/verdict"
)

// decidingKeys say how thorough the measurement is and what may not be exceeded.
var decidingKeys = []Key{
	{
		Name: "profile", Group: Deciding, Value: "NAME", Commands: []string{Compare}, Choices: profileNames(), Default: "quick",
		Usage:  "how thorough the comparison is",
		access: choice("profile", func(p *Plan) *string { return &p.Profile }, profileNames()),
	},
	{
		Name: "budget", Group: Deciding, Value: "DURATION", Commands: comparing, Default: "the profile's",
		Usage:  "time for everything, such as 25m",
		access: span(func(p *Plan) *time.Duration { return &p.Budget }, 20*time.Second, 24*time.Hour, isZero),
	},
	{
		Name: "margin", Group: Deciding, Value: "MARGIN", Commands: comparing, Repeat: true, Default: "p50 5%, p95 10%, p99 15%",
		Usage:  `slowdown that does not matter: 10%, "p99 15%", "token p99 20%"`,
		Detail: "The most specific margin counts.",
		access: access{setMargins, func(p *Plan) []string {
			var values []string
			for _, m := range p.Margins {
				values = append(values, marginText(m))
			}
			return values
		}},
	},
	{
		Name: "least-margin", Group: Deciding, Value: "DURATION", Commands: comparing, Default: "50us",
		Usage:  "slowdown that never matters, whatever share it is",
		Detail: "It is about what the generator itself adds to a response time by being late.",
		access: span(func(p *Plan) *time.Duration { return &p.LeastMargin }, 0, time.Minute, nil),
	},
	{
		Name: "slo", Group: Deciding, Value: "LIMIT", Commands: both, Repeat: true,
		Usage:  `absolute limit, such as "token p99 < 100ms"`,
		Detail: "Limits are of p50 to p99.9 and max in time, of error_ratio and achieved in per cent, and of invalid in answers.",
		access: access{setSLOs, func(p *Plan) []string {
			var values []string
			for _, s := range p.SLOs {
				values = append(values, s.String())
			}
			return values
		}},
	},
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
