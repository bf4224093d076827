package sizing

import (
	"strings"
	"testing"
)

func measured() Measured {
	return Measured{
		Capacity: 500,
		Server:   Costs{Idle: 0.1, PerRequest: map[string]float64{"token": 0.01, "introspect": 0.001}},
		Database: Costs{Idle: 0.1, PerRequest: map[string]float64{"token": 0.002, "introspect": 0.0005}},
		Pool:     20,
		Commits:  Costs{PerRequest: map[string]float64{"token": 1, "introspect": 0}},
		Memory:   100 << 20,
	}
}

func machines() Machines {
	return Machines{
		ServerCores: 2, DatabaseCores: 8, MostBusy: 0.8, Connections: 200, ReservedOfThem: 20, ServerMemory: 512 << 20,
		Writes: 1400,
	}
}

func TestLargestAnswerDecides(t *testing.T) {
	peak := map[string]float64{"token": 200, "introspect": 1000}
	need, err := Size(Demand{Peak: peak, Headroom: 0.5, Failures: 1, Surge: 1}, measured(), machines())
	if err != nil {
		t.Fatal(err)
	}
	// Limits: 1200/s * 1.5 / 500 = 3.6, so 4 and 1 spare. CPU: (200*.01 + 1000*.001) * 1.5 =
	// 4.5 cores of 1.5 usable, so 3 and 1 spare.
	if len(need.Answers) != 2 || need.Answers[0].Instances != 5 || need.Answers[1].Instances != 4 {
		t.Errorf("answers %+v; want 5 for the limits and 4 for the CPU", need.Answers)
	}
	if need.Decides.Resource != "limits" || need.Impossible != "" || len(need.Unknown) != 0 {
		t.Errorf("%+v; want the limits to decide", need)
	}
	// Without a surge a rolling update takes one away first.
	if again, err := Size(Demand{Peak: peak, Headroom: 0.5, Failures: 1}, measured(), machines()); err != nil ||
		again.Decides.Instances != 6 {
		t.Errorf("without surge: %+v, %v; want 6 instances", again.Decides, err)
	}
}

func TestNoNumberOfInstancesHelpsADatabase(t *testing.T) {
	small := machines()
	small.DatabaseCores = 1
	need, err := Size(Demand{Peak: map[string]float64{"token": 400}, Surge: 1}, measured(), small)
	if err != nil || !strings.Contains(need.Impossible, "more instances do not help") {
		t.Errorf("%+v, %v; want the database to be the limit", need, err)
	}
	few := machines()
	few.Connections = 60
	need, err = Size(Demand{Peak: map[string]float64{"token": 1000}, Surge: 1}, measured(), few)
	if err != nil || !strings.Contains(need.Impossible,
		"connections each would take 140 of the database, which has 40 free") {
		t.Errorf("%+v, %v; want the connections to be the limit", need, err)
	}
}

// What one instance or the disk cannot do, more instances cannot either.
func TestNoNumberOfInstancesHelpsMemoryAndDisk(t *testing.T) {
	demand := Demand{Peak: map[string]float64{"token": 400, "introspect": 100}, Surge: 1}
	for want, change := range map[string]func(*Machines){
		"a machine has 64 MiB":                func(m *Machines) { m.ServerMemory = 64 << 20 },
		"the database would commit 400 times": func(m *Machines) { m.Writes = 300 },
	} {
		on := machines()
		change(&on)
		if need, err := Size(demand, measured(), on); err != nil || !strings.Contains(need.Impossible, want) {
			t.Errorf("%+v, %v; want %q", need, err, want)
		}
	}
}

func TestSizeSaysWhatItDoesNotKnow(t *testing.T) {
	m := measured()
	m.Pool, m.Database, m.Commits, m.Memory = 0, Costs{}, Costs{}, 0
	need, err := Size(Demand{Peak: map[string]float64{"token": 10}, Surge: 1}, m, machines())
	if err != nil || len(need.Unknown) != 4 {
		t.Errorf("%+v, %v; want CPU, writes and connections of the database and memory unknown", need, err)
	}
	if _, err := Size(Demand{Peak: map[string]float64{"refresh": 10}}, measured(), machines()); err == nil ||
		!strings.Contains(err.Error(), "what refresh costs was not measured") {
		t.Errorf("a peak of what was not measured: error %v", err)
	}
	if _, err := Size(Demand{}, measured(), machines()); err == nil {
		t.Error("an empty demand has an answer")
	}
}
