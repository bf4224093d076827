package runs

import (
	"reflect"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Costs are per request sent, of what is told, and do not count where the hypervisor took
// time or the generator did not send what was planned; other programs are no reason.
func TestCostsOfATrial(t *testing.T) {
	whole := bench.Trial{
		Planned: 1000, Sent: 1000, Allocated: 4_000_000,
		Server:   bench.Usage{CPU: 2 * time.Second, Known: true},
		Database: bench.Usage{CPU: time.Second, Known: true},
		Counters: &bench.DatabaseCounters{Commits: 1000, RowsInserted: 300, RowsUpdated: 200, RowsDeleted: 500,
			Statements: []bench.Statement{{Text: "select", Calls: 2000}, {Text: "insert", Calls: 500}}},
		Machine:  bench.Interference{Known: true, Foreign: .9},
		Excluded: []string{"other programs used more than 10 % of the machine"},
	}
	got := observed(&bench.Run{}, whole)
	want := []verdict.Cost{{Name: "cpu", PerRequest: .002}, {Name: "database-cpu", PerRequest: .001},
		{Name: "statements", PerRequest: 2.5}, {Name: "rows", PerRequest: 1}, {Name: "commits", PerRequest: 1},
		{Name: "allocated", PerRequest: 4000}}
	if !reflect.DeepEqual(got.Costs, want) || got.CostsDisturbed != nil {
		t.Errorf("costs %+v, disturbed %q; want %+v", got.Costs, got.CostsDisturbed, want)
	}
	if got := observed(&bench.Run{}, bench.Trial{Planned: 10, Sent: 10}); got.Costs != nil {
		t.Errorf("nothing was told: %+v", got.Costs)
	}
	moment := whole // It stood still for a moment, and sent all that was due.
	moment.Load.Length, moment.Strain.StoodStill = 10*time.Second, 300*time.Millisecond
	if why := observed(&bench.Run{}, moment).CostsDisturbed; why != nil {
		t.Errorf("a generator that stood still for a moment disturbs costs: %q", why)
	}
	stolen, cut, still := whole, whole, moment
	stolen.Machine.Steal, cut.Sent, still.Strain.StoodStill = .5, 900, 3*time.Second
	for _, trial := range []bench.Trial{stolen, cut, still} {
		if observed(&bench.Run{}, trial).CostsDisturbed == nil {
			t.Errorf("a trial with %v stolen and %d of %d sent counts for costs", trial.Machine.Steal, trial.Sent,
				trial.Planned)
		}
	}
}
