package main

import "fmt"

// The limits that ours is held to, beside vegeta in the same run.
const (
	mostCPU      = 0.6  // of vegeta's CPU per request
	mostMemory   = 1.0  // of vegeta's peak memory
	leastClean   = 1.3  // of vegeta's highest clean rate
	soakedMemory = 1.05 // of the second quarter's, in the last quarter of a soak
)

// limit notes a limit with what was found, for the table at the end.
func (p *printer) limit(what, limit, found string, met bool) {
	verdict := "no"
	if met {
		verdict = "yes"
	}
	p.limits = append(p.limits, []column{
		{"what", "what", what, what}, {"limit", "limit", limit, limit}, {"found", "found", found, found},
		{"met", "met", verdict, verdict},
	})
}

// atMost notes a limit that a ratio of two figures should not exceed.
func (p *printer) atMost(what string, limit, ratio float64) {
	p.limit(what, fmt.Sprintf("at most %.2f", limit), fmt.Sprintf("%.2f", ratio), ratio <= limit)
}
