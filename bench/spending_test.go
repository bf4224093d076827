package bench

import (
	"reflect"
	"testing"
	"time"
)

func TestDatabaseCountersBetweenReadings(t *testing.T) {
	before := DatabaseCounters{Commits: 10, RowsInserted: 5, WALBytes: 100, Statements: []Statement{
		{"select", 10, 10 * time.Millisecond, 10}, {"idle", 3, time.Second, 3}, {"evicted", 50, time.Second, 50},
	}}
	after := DatabaseCounters{Commits: 15, RowsInserted: 6, WALBytes: 150, Statements: []Statement{
		{"idle", 3, time.Second, 3}, {"select", 12, 13 * time.Millisecond, 14}, {"insert", 1, 7 * time.Millisecond, 1},
		{"evicted", 2, time.Millisecond, 2},
	}}
	want := DatabaseCounters{Commits: 5, RowsInserted: 1, WALBytes: 50, Statements: []Statement{
		{"insert", 1, 7 * time.Millisecond, 1}, {"select", 2, 3 * time.Millisecond, 4},
		{"evicted", 2, time.Millisecond, 2},
	}}
	got := after.Since(before)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("between: %+v; want %+v", got, want)
	}
	if got.Calls() != 5 || got.Time() != 11*time.Millisecond {
		t.Errorf("%d statements in %v; want 5 in 11 ms", got.Calls(), got.Time())
	}
	twice := got.Plus(got)
	if twice.Commits != 10 || twice.Calls() != 10 || twice.Time() != 22*time.Millisecond || len(twice.Statements) != 3 {
		t.Errorf("sum %+v", twice)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("adding changed what was added")
	}
}

func TestPoolsBetweenReadings(t *testing.T) {
	before := []Pool{{"write", 1, 10, time.Second}, {"read", 8, 0, 0}}
	after := []Pool{{"read", 8, 2, time.Millisecond}, {"write", 1, 15, 4 * time.Second}}
	want := []Pool{{"read", 8, 2, time.Millisecond}, {"write", 1, 5, 3 * time.Second}}
	if got := PoolsSince(after, before); !reflect.DeepEqual(got, want) {
		t.Errorf("between: %+v; want %+v", got, want)
	}
	for name, got := range map[string][]Pool{
		"after a restart":      PoolsSince([]Pool{{"write", 1, 3, time.Second}}, before),
		"a pool of yesterday":  PoolsSince([]Pool{{"other", 1, 30, time.Minute}}, before),
		"without a first look": PoolsSince(after, nil),
		"of no pools":          PoolsSince(nil, before),
	} {
		if got != nil {
			t.Errorf("%s: %+v; want that it is not known", name, got)
		}
	}
}
