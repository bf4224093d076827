package main

import "time"

// truth is what the server knows of one request, counted from when it was due.
type truth struct {
	number   int
	late     time.Duration // until the server had read it: send lag, and the way there
	response time.Duration // until its answer left the server
}

// truths are the server's account of the numbered requests that it answered. first is when
// request 0 was due (unix nanoseconds), interval the nanoseconds between two.
//
// Note: everything counts from when a request was due, as every response time of ours
// does. A truth that counted from when the request arrived would call the queue behind a
// stall an error of who tells of it.
func (a account) truths(first int64, interval float64) []truth {
	all := make([]truth, 0, len(a.Requests))
	for _, r := range a.Requests {
		if r.End == 0 || r.Number < 0 {
			continue
		}
		due := first + int64(float64(r.Number)*interval)
		all = append(all, truth{r.Number, time.Duration(r.Start - due), time.Duration(r.End - due)})
	}
	return all
}

// ideal are the truths for a tool that does not tell when its requests were due: what the
// server took outside of the stall, and in it the arrivals that this rate asks for, sent
// or not.
func (a account) ideal(rate float64) []time.Duration {
	var times []time.Duration
	for _, r := range a.Requests {
		if r.End != 0 && (r.Start < a.StallBegan || r.Start >= a.StallEnded) {
			times = append(times, time.Duration(r.End-r.Start))
		}
	}
	stall := time.Duration(a.StallEnded - a.StallBegan)
	for due := time.Duration(0); due < stall; due += time.Duration(float64(time.Second) / rate) {
		times = append(times, stall-due)
	}
	return times
}

// comparison is what a contestant told beside the truth of the same requests. Without
// pairs, for tools that do not number their requests, only truth and told are there.
type comparison struct {
	truth, told []time.Duration // P50, P95 and P99
	pairs       int             // requests that both know
	unpaired    int             // that only one of them knows
	twice       int             // requests beyond the first of a number that the server got
	errors      []time.Duration // of single requests, told less truth: P1, P50 and P99
	late        []time.Duration // P50 and P99
}

// compare holds what a contestant told against the server's account.
func compare(a account, r result, rate float64) comparison {
	if len(r.Told) == 0 {
		return comparison{truth: quantiles(a.ideal(rate), .5, .95, .99), told: r.Times}
	}
	var errors, late, times []time.Duration
	c := comparison{told: r.Times, unpaired: int(r.OK)}
	got := map[int]bool{}
	for _, one := range a.Requests {
		if one.Number >= 0 && got[one.Number] {
			c.twice++
		}
		got[one.Number] = true
	}
	for _, t := range a.truths(r.FirstDue, float64(time.Second)/rate) {
		if t.number >= len(r.Told) || r.Told[t.number] == 0 {
			c.unpaired++
			continue
		}
		c.pairs++
		c.unpaired--
		errors = append(errors, r.Told[t.number]-t.response)
		late = append(late, t.late)
		times = append(times, t.response)
	}
	c.truth = quantiles(times, .5, .95, .99)
	c.errors = quantiles(errors, .01, .5, .99)
	c.late = quantiles(late, .5, .99)
	return c
}

// within tells whether all three percentiles are as near to the truth as they should be,
// and no request was left out.
func (c comparison) within() bool {
	for i, truth := range c.truth {
		if c.told[i] == 0 || !within(c.told[i], truth) {
			return false
		}
	}
	return c.unpaired == 0
}

// within tells whether a percentile is as near to the truth as it should be.
func within(told, truth time.Duration) bool {
	return (told - truth).Abs() <= max(truth/50, 150*time.Microsecond)
}
