package generator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// hang answers after a millisecond, and from at on for the given time not at all.
func hang(began time.Time, at, length time.Duration) *counting {
	return &counting{transport: transport{wait: func(sent time.Time, _ int) time.Duration {
		if since := sent.Sub(began); since >= at && since < at+length {
			return at + length - since + time.Millisecond
		}
		return time.Millisecond
	}}}
}

// stalled runs one attack against a server that hangs, and returns what was recorded and
// the counters.
func stalled(t *testing.T, catchUp bench.CatchUp, rate float64, length, hangs time.Duration, workers int,
	timeout time.Duration) (map[string]bench.Measurement, *Counters, *counting) {
	t.Helper()
	s, err := bench.Draw("constant", bench.Constant(rate, length), 1)
	if err != nil {
		t.Fatal(err)
	}
	tr := hang(time.Now(), length/4, hangs)
	rec, counters := NewRecorder(s, 0, timeout), &Counters{}
	a := Attack{Client: NewClientTransport(timeout, tr), Schedule: s, Workload: workload{}, MaxWorkers: workers,
		CatchUp: catchUp, Counters: counters}
	if err := a.Run(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	out := map[string]bench.Measurement{}
	for _, m := range rec.Measurements(length) {
		out[m.Operation] = m
	}
	return out, counters, tr
}

// A server that hangs for 30 s at 2,000/s: requests stay within the workers, and each
// arrival counts from when it was due, whichever way the backlog goes.
func TestLongHangIsBoundedAndCounted(t *testing.T) {
	const rate, length, hangs, workers, timeout = 2000, 60 * time.Second, 30 * time.Second, 512, 10 * time.Second
	for _, catchUp := range bench.CatchUps {
		t.Run(string(catchUp), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ms, counters, tr := stalled(t, catchUp, rate, length, hangs, workers, timeout)
				var total, unsent, responses, late int64
				for _, m := range ms {
					total += m.Outcomes.Total()
					unsent += m.Unsent
					responses += m.Response.Count()
					if sent := m.Outcomes.Total() - m.Unsent; m.Service.Count() != sent || m.SendLag.Count() != sent {
						t.Errorf("%d service times and %d send lags of %d sent", m.Service.Count(), m.SendLag.Count(),
							sent)
					}
					for _, step := range m.Response.Steps() {
						if step.Value > time.Second {
							late += step.Count
						}
					}
					var timeline int64
					for _, s := range m.Timeline {
						timeline += s.Outcomes.Total()
					}
					if timeline != m.Outcomes.Total() {
						t.Errorf("the timeline shows %d of %d arrivals", timeline, m.Outcomes.Total())
					}
				}
				if total != rate*60 || responses != total {
					t.Errorf("%d arrivals recorded with %d response times; want all %d", total, responses, rate*60)
				}
				if got := tr.n.Load(); got != total-unsent || counters.Released() != got ||
					counters.Dropped() != unsent {
					t.Errorf("%d requests arrived, %d released, %d dropped; want %d and %d", got, counters.Released(),
						counters.Dropped(), total-unsent, unsent)
				}
				// Those due in all but the last second of the hang waited longer than a second.
				if least := int64(rate * (hangs - time.Second).Seconds()); late < least {
					t.Errorf("%d arrivals waited longer than a second; want at least %d", late, least)
				}
				if most := tr.most.Load(); most != workers {
					t.Errorf("%d requests at once; want the %d workers' and no more", most, workers)
				}
				inFlight, _ := counters.Peak()
				switch catchUp {
				case bench.Burst:
					// One waits for a worker, and one may have ended but not be counted yet.
					if inFlight < workers+1 || inFlight > workers+2 || unsent != 0 {
						t.Errorf("%d in flight, %d unsent; want one or two more than the workers, none", inFlight,
							unsent)
					}
				case bench.Drop:
					// Workers come free only when requests time out, and are taken at once.
					if inFlight != workers || unsent < rate*30-4*workers {
						t.Errorf("%d in flight, %d unsent; want the workers, and nearly all that was due", inFlight,
							unsent)
					}
				}
			})
		})
	}
}

// Which arrivals are dropped is exact: those due while all workers wait.
func TestDropIsExact(t *testing.T) {
	const rate, length, hangs, workers, timeout = 100, 40 * time.Second, 5 * time.Second, 20, 30 * time.Second
	synctest.Test(t, func(t *testing.T) {
		ms, _, tr := stalled(t, bench.Drop, rate, length, hangs, workers, timeout)
		// 500 are due during the hang; 20 go out and wait, 480 find no worker.
		var outcomes bench.Outcomes
		for _, m := range ms {
			outcomes.Merge(m.Outcomes)
			if m.Cases[notSent.Case] != m.Unsent || m.Outcomes.Timeout != m.Unsent {
				t.Errorf("%s: cases %v, %+v, %d unsent", m.Operation, m.Cases, m.Outcomes, m.Unsent)
			}
			if m.Unsent > 0 && m.Response.Max() != timeout {
				t.Errorf("%s: longest response %v; want the timeout %v for those not sent", m.Operation,
					m.Response.Max(), timeout)
			}
			if m.SendLag.Max() != 0 {
				t.Errorf("%s: send lag %v; want none: what is sent is sent on time", m.Operation, m.SendLag.Max())
			}
		}
		if outcomes.Timeout < 479 || outcomes.Timeout > 481 || outcomes.OK != rate*40-outcomes.Timeout {
			t.Errorf("outcomes %+v; want 480 timeouts, give or take one at the hang's ends", outcomes)
		}
		if tr.n.Load() != outcomes.OK {
			t.Errorf("%d requests were sent; want %d", tr.n.Load(), outcomes.OK)
		}
	})
}

// A mixed load keeps its parts together: what is recorded of a dropped arrival is its own
// operation, and the requests after a hang are still those of their arrivals.
func TestDropKeepsOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ms, _, _ := stalled(t, bench.Drop, 100, 40*time.Second, 5*time.Second, 20, 30*time.Second)
		if c, r := ms["common"].Outcomes.Total(), ms["rare"].Outcomes.Total(); c != 3200 || r != 800 {
			t.Errorf("%d common and %d rare arrivals; want 3200 and 800", c, r)
		}
	})
}

// Whoever watches an attack is told of every arrival, those that were dropped too: a
// warm-up pilot must not take a server that hangs for one that has settled.
func TestDroppedArrivalsAreWatched(t *testing.T) {
	rec := recorder(func(int) time.Duration { return time.Second }, 1, 0)
	rec.timeout = 10 * time.Second
	told := 0
	rec.Watch = func(_ string, intended, response time.Duration) {
		if told++; intended != time.Second || response != 10*time.Second {
			t.Errorf("told of %v after %v; want the time-out of the arrival at 1 s", response, intended)
		}
	}
	rec.drop(0, "token")
	if told != 1 {
		t.Errorf("told of %d arrivals; want the one that was dropped", told)
	}
}
