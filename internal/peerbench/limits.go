package main

import "fmt"

// The limits that ours is held to, beside vegeta in the same run.
const (
	mostMemory      = 1.0    // of vegeta's peak memory
	mostAllocations = 8.0    // for a request
	leastClean      = 24_000 // requests per second on two cores, the server among them
	soakedMemory    = 1.05   // of the second quarter's, in the last quarter of a soak
)

// mostCPU is how much of vegeta's CPU per request ours may take, by rate.
func mostCPU(rate float64) float64 {
	if rate >= 5000 {
		return 0.35
	}
	return 0.4
}

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

// atMost notes a limit that a figure should not exceed: it is met when none of the interval does.
func (p *printer) atMost(what string, limit float64, seen spread) {
	_, high := seen.interval()
	p.limit(what, fmt.Sprintf("at most %.2f", limit), seen.text("%.2f"), high <= limit)
}
