package main

import "time"

// truths are the response times that an ideal generator would have seen: for each request
// from when the server had read it to when it had answered, and for one that was due
// while the server stalled from when it was due. Lag of the generator and its system
// calls are no part of the truth: they are error.
//
// first is when request 0 was due, interval the time between two; requests that carry
// no number are taken as the server saw them.
func (a account) truths(first int64, interval float64) []time.Duration {
	times := make([]time.Duration, 0, len(a.Requests))
	for _, r := range a.Requests {
		if r.End == 0 {
			continue // its answer was not written: the contestant had ended
		}
		from := r.Start
		if r.Number >= 0 {
			if due := first + int64(float64(r.Number)*interval); due >= a.StallBegan && due < a.StallEnded {
				from = due
			}
		}
		times = append(times, time.Duration(r.End-from))
	}
	return times
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
