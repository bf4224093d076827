package varied

import (
	"fmt"
	"runtime"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// setReplicaCPUs parts the CPUs that the server's containers may use among the most
// instances of the grid: each has as many in every cell, so that cells differ in their number
// alone. Nothing is parted where there are too few.
func setReplicaCPUs(p *plan.Plan, g grid.Grid) {
	most := mostReplicas(*p, g)
	cpus := p.Limits["server"].CPUSet
	each := len(cpus) / max(most, 1)
	if most < 2 || each < 1 {
		return
	}
	p.ReplicaCPUs = nil
	for i := range max(p.Replicas, 1) {
		p.ReplicaCPUs = append(p.ReplicaCPUs, cpus[i*each:(i+1)*each])
	}
}

// sharedCores says why instances share cores, "" when each has its own.
func sharedCores(p plan.Plan, g grid.Grid) string {
	most := mostReplicas(p, g)
	cpus := p.Limits["server"].CPUSet
	switch {
	case most < 2:
		return ""
	case len(cpus) == 0:
		return fmt.Sprintf("%s, their database and the generator share %s: what is measured is "+
			"contention, not scaling", digits.Count(most, "instance"), digits.Count(runtime.NumCPU(), "core"))
	case len(cpus) < most:
		return fmt.Sprintf("%s share %s: what is measured is contention, not scaling", digits.Count(most, "instance"),
			digits.Count(len(cpus), "CPU"))
	case overlap(cpus, p.GeneratorCPUs) || overlap(cpus, p.Limits["database"].CPUSet) || len(p.GeneratorCPUs) == 0 ||
		len(p.Limits["database"].CPUSet) == 0:
		return "each instance has CPUs of its own, and shares them with the database or the generator: bind those to " +
			"others (--cpuset database=0 --generator-cpus 1), or what is measured is contention"
	}
	return ""
}

func overlap(a, b bench.CPUList) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
