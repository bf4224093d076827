package runs

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// costs are what the requests of a trial cost, as far as it is told. Requests are those
// that were sent, the lead-in's too, for what was spent is counted from its start.
func costs(t bench.Trial) []verdict.Cost {
	if t.Sent == 0 {
		return nil
	}
	var all []verdict.Cost
	add := func(name string, known bool, spent float64) {
		if known {
			all = append(all, verdict.Cost{Name: name, PerRequest: spent / float64(t.Sent)})
		}
	}
	add("cpu", t.Server.Known, t.Server.CPU.Seconds())
	add("database-cpu", t.Database.Known, t.Database.CPU.Seconds())
	if c := t.Counters; c != nil {
		add("statements", true, float64(c.Calls()))
		add("rows", true, float64(c.RowsInserted+c.RowsUpdated+c.RowsDeleted))
		add("commits", true, float64(c.Commits))
	}
	add("allocated", t.Allocated > 0, float64(t.Allocated))
	return all
}

// mostUnsent is the share of arrivals beyond which a trial sent another load than its
// partner.
const mostUnsent = 0.01

// mostStill is the share of a trial that the generator may have stood still: what was due meanwhile was
// sent at once after it, and costs the same but for that. Where two other programs never rest it
// happens for a moment.
const mostStill = 0.1

// costsDisturbed is why what a trial cost is not what its version costs, on grounds that
// lie outside of both versions.
func costsDisturbed(t bench.Trial) []string {
	var why []string
	if t.Machine.Steal > bench.MaxStealShare { // A stolen tick may be charged to whoever ran.
		why = append(why, fmt.Sprintf("the hypervisor took more than %.0f %% of the machine", 100*bench.MaxStealShare))
	}
	still := float64(t.Strain.StoodStill) > mostStill*float64(t.Load.Length)
	if t.Unable() || still || float64(t.Planned-t.Sent) > mostUnsent*float64(t.Planned) {
		why = append(why, "the generator did not send what was planned")
	}
	return why
}
