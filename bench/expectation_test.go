package bench

import (
	"reflect"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Each case has its own counts, and overruling moves one of them.
func TestOutcomesAreCountedByCase(t *testing.T) {
	live := Expectation{Operation: "introspect", Kind: "access token", State: "active", Expected: "active"}
	dead := Expectation{Operation: "introspect", Kind: "access token", State: "revoked", Expected: "inactive"}
	rec := NewRecorder(Schedule{Arrivals: make([]time.Duration, 6), Length: time.Second}, 0, time.Second)
	rec.Expectation = func(i int) Expectation { return []Expectation{live, dead}[i%2] }
	for i, o := range []Outcome{OK, OK, Timeout, OK, OK, Invalid} {
		rec.add(i, "introspect", &vegeta.Result{URL: "http://x#" + string(rune('0'+i))}, Answer{Outcome: o, Case: "c"})
	}
	rec.Overrule(4, "introspect", Answer{Outcome: Invalid, Case: "late"})
	m := rec.Measurements(time.Second)[0]
	want := []Expected{{live, Outcomes{OK: 1, Timeout: 1, Invalid: 1}}, {dead, Outcomes{OK: 2, Invalid: 1}}}
	if !reflect.DeepEqual(m.Expectations, want) {
		t.Errorf("%+v; want %+v", m.Expectations, want)
	}
	if sum := Merge("introspect", m, m).Expectations; sum[0].Outcomes.Total() != 6 || sum[1].Outcomes.Total() != 6 {
		t.Errorf("twice the same adds up to %+v", sum)
	}
}
