package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A rate is clean when the contestant sends on time and gets all answers, and kept when it
// at least does not fall behind.
const (
	cleanLag     = time.Millisecond      // P99 of send lag stays below
	keptLag      = 10 * time.Millisecond // the same for a rate that is kept
	leastOfRate  = 0.995                 // of the offered rate is achieved
	lowestRung   = 1000.0                // the first rate tried, requests per second
	rungStep     = 1.15                  // from one rate to the next
	triesPerRung = 3                     // others on the machine spoil some
	failedRungs  = 3                     // in succession end the search
)

// climb is one contestant's search.
type climb struct {
	clean, kept float64 // highest rates so far, 0 for none
	failed      int     // rungs in succession that were not even kept
}

// clean finds the highest rates that each contestant sends cleanly, and keeps, to a trivial
// server on the same machine. They take turns on each rung.
func clean(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tries, step := triesPerRung, rungStep
	if o.quick {
		tries, step = 1, 2
	}
	climbs := map[string]*climb{}
	for _, who := range pairOf {
		climbs[who] = &climb{}
	}
	for rate := lowestRung; ; rate *= step {
		climbing := false
		offered := float64(int(rate))
		best := map[string]time.Duration{} // P99 of send lag of the tries that achieved the rate
		for range tries {
			for _, who := range pairOf {
				if lag, ok := best[who]; climbs[who].failed >= failedRungs || ok && lag < cleanLag {
					continue
				}
				climbing = true
				r, err := compete(ctx, task{Contestant: who, URL: s.URL + "/", Rate: offered, Length: o.rung,
					Lag: true})
				if err != nil {
					return err
				}
				if lag, ok := best[who]; r.Achieved >= leastOfRate*offered && (!ok || r.Lag[1] < lag) {
					best[who] = r.Lag[1]
				}
			}
		}
		if !climbing {
			break
		}
		for _, who := range pairOf {
			lag, achieved := best[who]
			climbs[who].rung(offered, lag, achieved)
		}
	}
	ours, vegeta := climbs["ours"].clean, climbs["vegeta"].clean
	p.limit("highest clean rate", fmt.Sprintf("at least %d/s on two cores, the server among them", leastClean),
		fmt.Sprintf("%.0f/s, vegeta %.0f/s", ours, vegeta), ours >= leastClean)
	var row []column
	for _, kind := range []struct {
		key, heading string
		of           func(*climb) float64
	}{
		{"clean_rate", "highest clean rate /s", func(c *climb) float64 { return c.clean }},
		{"kept_rate", "highest kept rate /s", func(c *climb) float64 { return c.kept }},
	} {
		for _, who := range pairOf {
			row = append(row, rateOrNone(who+"_"+kind.key, who+" "+kind.heading, kind.of(climbs[who])))
		}
		row = append(row, ratio(kind.key+"_ratio", kind.of(climbs["ours"]), kind.of(climbs["vegeta"])))
	}
	return p.table("clean rate", [][]column{row})
}

// rung takes in the best try at a rate.
func (c *climb) rung(rate float64, lag time.Duration, achieved bool) {
	c.failed++
	if achieved && lag < keptLag {
		c.kept, c.failed = rate, 0
	}
	if achieved && lag < cleanLag {
		c.clean = rate
	}
}

func rateOrNone(key, heading string, rate float64) column {
	if rate == 0 {
		return column{key, heading, rate, "none"}
	}
	return number(key, heading, rate, "%.0f")
}

// ratio of two rates, null where one of them is none.
func ratio(key string, a, b float64) column {
	if a == 0 || b == 0 {
		return column{key, "ratio", nil, "-"}
	}
	return column{key, "ratio", a / b, fmt.Sprintf("%.2f", a/b)}
}
