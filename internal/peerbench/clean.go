package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A rate is clean when the contestant sends on time and gets all answers.
const (
	cleanLag      = time.Millisecond // P99 of send lag stays below
	cleanAchieved = 0.995            // of the offered rate
)

// The rates that are tried grow by steps of a tenth.
const (
	lowestRung = 1000.0
	rungStep   = 1.1
	// A rung gets several tries: others on the machine spoil some.
	triesPerRung = 4
	// So many rungs in succession without a clean try end the search.
	failedRungs = 4
)

// clean finds the highest rate that each contestant sends cleanly to a trivial server on
// the same machine. A try begins where the last one ended: they take turns on each rung.
func clean(ctx context.Context, p *printer, o options) (err error) {
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	tries, step := triesPerRung, rungStep
	if o.quick {
		tries, step = 1, 1.6
	}
	highest, failed := map[string]float64{}, map[string]int{}
	lag := map[string]time.Duration{}
	for rate := lowestRung; ; rate *= step {
		var left []string
		for _, who := range pairOf {
			if failed[who] < failedRungs {
				left = append(left, who)
			}
		}
		if len(left) == 0 {
			break
		}
		done := map[string]bool{}
		for range tries {
			for _, who := range left {
				if done[who] {
					continue
				}
				r, err := compete(ctx, task{Contestant: who, URL: s.url + "/", Rate: float64(int(rate)), Length: o.rung, Lag: true})
				if err != nil {
					return err
				}
				if r.Lag[1] < cleanLag && r.Achieved >= cleanAchieved*float64(int(rate)) {
					done[who], highest[who], lag[who] = true, float64(int(rate)), r.Lag[1]
				}
			}
		}
		for _, who := range left {
			failed[who]++
			if done[who] {
				failed[who] = 0
			}
		}
	}
	var row []column
	for _, who := range pairOf {
		row = append(row, number(who+"_clean_rate", who+" highest clean rate /s", highest[who], "%.0f"))
	}
	ratio := column{"ratio", "ratio", 0.0, "-"}
	if slices.Min([]float64{highest["ours"], highest["vegeta"]}) > 0 {
		ratio.value, ratio.text = highest["ours"]/highest["vegeta"], fmt.Sprintf("%.2f", highest["ours"]/highest["vegeta"])
	}
	row = append(row, ratio)
	for _, who := range pairOf {
		row = append(row, number(who+"_lag_p99_ms", who+" send lag P99 there, ms", micros(lag[who])/1000, "%.3f"))
	}
	return p.table("clean rate", [][]column{row})
}
