package generator

import (
	"reflect"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// Each case has its own counts, and overruling moves one of them.
func TestOutcomesAreCountedByCase(t *testing.T) {
	live := bench.Expectation{Operation: "introspect", Kind: "access token", State: "active", Expected: "active"}
	dead := bench.Expectation{Operation: "introspect", Kind: "access token", State: "revoked", Expected: "inactive"}
	rec := recorder(func(int) time.Duration { return 0 }, 6, 0)
	rec.timeout = time.Second
	rec.Expectation = func(i int) bench.Expectation { return []bench.Expectation{live, dead}[i%2] }
	for i, o := range []bench.Outcome{bench.OK, bench.OK, bench.Timeout, bench.OK, bench.OK, bench.Invalid} {
		rec.add(i, "introspect", &vegeta.Result{},
			bench.Answer{Outcome: o, Case: "c"}, time.Time{})
	}
	rec.Overrule(4, "introspect", bench.Answer{Outcome: bench.Invalid, Case: "late"})
	m := rec.Measurements(time.Second)[0]
	want := []bench.Expected{
		{Expectation: live, Outcomes: bench.Outcomes{OK: 1, Timeout: 1, Invalid: 1}},
		{Expectation: dead, Outcomes: bench.Outcomes{OK: 2, Invalid: 1}},
	}
	if !reflect.DeepEqual(m.Expectations, want) {
		t.Errorf("%+v; want %+v", m.Expectations, want)
	}
	if sum := bench.Merge("introspect", m, m).Expectations; sum[0].Outcomes.Total() != 6 ||
		sum[1].Outcomes.Total() != 6 {
		t.Errorf("twice the same adds up to %+v", sum)
	}
}

// What the recorder keeps depends on operations and seconds, not on requests: a thousand
// more results of a second that it knows already make it keep nothing.
func TestRecorderKeepsNothingOfASingleRequest(t *testing.T) {
	const perRun, runs = 1000, 100
	due := func(i int) time.Duration { return time.Duration(i) } // all in one second
	rec := recorder(due, perRun*(runs+2), 0)
	rec.timeout = 10 * time.Second
	began := time.Now()
	rec.begin(began)
	r := &vegeta.Result{Code: 200, Latency: 5 * time.Millisecond}
	next := 0
	thousand := func() {
		for range perRun {
			r.Timestamp = began.Add(due(next))
			rec.add(next, "token", r, bench.Answer{}, began)
			next++
		}
	}
	thousand() // the operation and its second are made
	if got := testing.AllocsPerRun(runs, thousand); got != 0 {
		t.Errorf("%v allocations for %d results; want none", got, perRun)
	}
	ms := rec.Measurements(time.Second)
	if len(ms) != 1 || ms[0].Outcomes.OK != int64(next) || len(ms[0].Timeline) != 1 {
		t.Errorf("recorded %+v", ms)
	}
}
