// Package stored is where stored runs meet the sizes of clusters: it finds in runs of one
// deployment what bench/sizing needs to know, says what was measured where, and names what
// the runs do not carry.
package stored

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/sizing"
)

// Run is a stored run with its place.
type Run struct {
	Dir string
	*bench.Run
}

// Evidence is what runs of one deployment show of it.
type Evidence struct {
	Deployment  bench.Deployment  `json:"deployment"`
	Environment bench.Environment `json:"environment"`
	// Capacity is the rate at which nine of ten trials hold, with the mix nearest to the
	// peak; CapacityDir is the search that found it, and Limits what it kept.
	Capacity    capacity.Interval `json:"capacity"`
	CapacityDir string            `json:"capacity_run"`
	Limits      []string          `json:"limits"`
	// Costs are those of Resources that could be told, Unknown the others.
	Costs   []Cost   `json:"costs"`
	Unknown []string `json:"unknown"`
	// Loads is how many loads the costs rest on; Highest is the largest rate among them.
	Loads   int     `json:"loads"`
	Highest float64 `json:"highest_rate"`
	// Pool is connections of one instance to its database, Memory the most that it had
	// resident; 0 when not known.
	Pool   int   `json:"pool"`
	Memory int64 `json:"server_memory_bytes"`
	// Scaling is how capacity grows with instances, nil where it was not measured.
	Scaling *Scaling `json:"scaling,omitempty"`
	// nineTenths is the rate at which nine of ten trials hold over that at which half of them do, which
	// the law is of.
	nineTenths float64
}

// Cost is what requests cost of one resource.
type Cost struct {
	Resource string `json:"resource"`
	sizing.Costs
}

// Resource is something that requests cost.
type Resource struct {
	Name string
	// of is what one trial spent; false when it is not known.
	of func(t *bench.Trial) (spent float64, known bool)
}

// The names of resources.
const (
	ServerCPU   = "server CPU"
	DatabaseCPU = "database CPU"
	Commits     = "commits"
	Rows        = "rows"
	WAL         = "WAL"
	Storage     = "storage"
)

// Resources are all that runs tell of: CPU in seconds, WAL and storage in bytes.
var Resources = []Resource{
	{ServerCPU, func(t *bench.Trial) (float64, bool) { return t.Server.CPU.Seconds(), t.Server.Known }},
	{DatabaseCPU, func(t *bench.Trial) (float64, bool) { return t.Database.CPU.Seconds(), t.Database.Known }},
	counted(Commits, func(c *bench.DatabaseCounters) float64 { return float64(c.Commits) }),
	counted(Rows, func(c *bench.DatabaseCounters) float64 { return float64(c.RowsInserted - c.RowsDeleted) }),
	counted(WAL, func(c *bench.DatabaseCounters) float64 { return float64(c.WALBytes) }),
	counted(Storage, func(c *bench.DatabaseCounters) float64 { return float64(c.Bytes) }),
}

func counted(name string, of func(*bench.DatabaseCounters) float64) Resource {
	return Resource{name, func(t *bench.Trial) (float64, bool) {
		if t.Counters == nil {
			return 0, false
		}
		return max(of(t.Counters), 0), true
	}}
}

// Of finds what runs show of a peak. The error says what they do not carry, and how that is
// measured.
func Of(runs []Run, peak map[string]float64) (Evidence, error) {
	var e Evidence
	if len(runs) == 0 {
		return e, errors.New("no run is given: size takes the directories of stored runs")
	}
	e.Deployment, e.Environment = runs[0].Deployments[bench.Candidate], runs[0].Environment
	for _, r := range runs[1:] {
		if what := differ(e.Deployment, r.Deployments[bench.Candidate]); what != "" {
			return e, fmt.Errorf("%s and %s are runs of different deployments: %s", runs[0].Dir, r.Dir, what)
		}
		if e.Environment.CPU != r.Environment.CPU || e.Environment.Cores != r.Environment.Cores {
			return e, fmt.Errorf("%s and %s were made on different machines", runs[0].Dir, r.Dir)
		}
	}
	if err := e.costs(runs); err != nil {
		return e, err
	}
	for _, operation := range slices.Sorted(maps.Keys(peak)) {
		if _, known := e.Costs[0].PerRequest[operation]; !known {
			return e, fmt.Errorf("what %s costs was not measured: measure it with oauthbench run --scenario %s, "+
				"and search with a mix that has it", operation, operation)
		}
	}
	return e, e.capacity(runs, peak)
}

// differ names the first property in which two deployments differ, "" for none.
func differ(a, b bench.Deployment) string {
	switch {
	case a.Server != b.Server:
		return "server " + a.Server + " and " + b.Server
	case a.Version != b.Version:
		return "version " + a.Version + " and " + b.Version
	case a.Database != b.Database:
		return "database " + a.Database + " and " + b.Database
	}
	for _, key := range slices.Sorted(maps.Keys(union(a.Settings, b.Settings))) {
		if a.Settings[key] != b.Settings[key] {
			return fmt.Sprintf("%s %q and %q", key, a.Settings[key], b.Settings[key])
		}
	}
	return ""
}

// costs fits what requests cost, from the loads of all runs.
func (e *Evidence) costs(runs []Run) error {
	for i, resource := range Resources {
		loads := loadsOf(runs, resource)
		c, err := sizing.FitCosts(loads)
		switch {
		case err != nil && i == 0 && len(loads) == 0:
			return errors.New("no undisturbed trial tells what the server spent: it must run on this machine")
		case err != nil && i == 0:
			return err
		case err != nil:
			e.Unknown = append(e.Unknown, resource.Name+" of requests")
			continue
		}
		e.Costs = append(e.Costs, Cost{resource.Name, c})
		if i == 0 {
			e.Loads = len(loads)
			for _, l := range loads {
				sum := 0.0
				for _, rate := range l.Rates {
					sum += rate
				}
				e.Highest = max(e.Highest, sum)
			}
		}
	}
	for _, r := range runs {
		for _, t := range r.Trials {
			pool := 0
			for _, p := range t.Pools {
				pool += int(p.Limit)
			}
			e.Pool = max(e.Pool, pool)
			if t.Role == bench.Candidate {
				e.Memory = max(e.Memory, t.Server.PeakRSS)
			}
		}
	}
	return nil
}

// Cost is that of a resource; false when it is not known.
func (e Evidence) Cost(resource string) (sizing.Costs, bool) {
	for _, c := range e.Costs {
		if c.Resource == resource {
			return c.Costs, true
		}
	}
	return sizing.Costs{}, false
}

// loadsOf sums up the trials of each run that had one rate: one load each. Trials that did
// not count and those that failed in a search are none: their work was cut off.
func loadsOf(runs []Run, resource Resource) []sizing.Load {
	type key struct {
		run, part int
		rate      float64
	}
	type sum struct {
		requests       map[string]float64
		spent, elapsed float64
	}
	var order []key
	sums := map[key]*sum{}
	for i, r := range runs {
		for k := range r.Trials {
			t := &r.Trials[k]
			spent, known := resource.of(t)
			if t.Role != bench.Candidate || t.Warmup || t.Died != "" || len(t.Excluded) > 0 || !known ||
				t.Elapsed <= 0 ||
				t.Search != nil && t.Search.GaveUp != "" || t.Achieved < 0.99*t.Offered {
				continue
			}
			id := key{i, t.Part, math.Round(t.Load.Rate()*100) / 100}
			s := sums[id]
			if s == nil {
				s = &sum{requests: map[string]float64{}}
				sums[id] = s
				order = append(order, id)
			}
			total := 0.0
			for _, m := range t.Measurements {
				total += float64(m.Outcomes.Total())
			}
			for _, m := range t.Measurements {
				// The lead-in is spent too, and recorded nowhere but in what was sent.
				s.requests[m.Operation] += float64(t.Sent) * float64(m.Outcomes.Total()) / max(total, 1)
			}
			s.spent += spent
			s.elapsed += t.Elapsed.Seconds()
		}
	}
	var loads []sizing.Load
	for _, id := range order {
		s := sums[id]
		l := sizing.Load{Rates: map[string]float64{}, Cores: s.spent / s.elapsed}
		for name, n := range s.requests {
			l.Rates[name] = n / s.elapsed
		}
		loads = append(loads, l)
	}
	return loads
}

// nearMix is how far the share of an operation in a search may be from its share of the peak.
const nearMix = 0.05

// capacity finds the search whose mix is that of the peak.
func (e *Evidence) capacity(runs []Run, peak map[string]float64) error {
	best := math.Inf(1)
	wanted := shares(peak)
	for _, r := range runs {
		if !searches.Is(r.Header) {
			continue
		}
		found, err := searches.Of(r.Run)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Dir, err)
		}
		side := found.Sides[len(found.Sides)-1]
		if side.Curve == nil || side.Ending != capacity.Certified {
			continue
		}
		mix := map[string]float64{}
		for _, m := range side.At {
			mix[m.Operation] = float64(m.Outcomes.Total())
		}
		away := 0.0
		mix = shares(mix)
		for name := range maps.Keys(union(mix, wanted)) {
			away = max(away, math.Abs(mix[name]-wanted[name]))
		}
		if away < best && away <= nearMix {
			best = away
			e.Capacity, e.CapacityDir, e.Limits = side.Curve.NineTenths, r.Dir, nil
			e.nineTenths = side.Curve.NineTenths.Estimate / side.Curve.Half.Estimate
			for _, l := range found.Rule.Limits {
				e.Limits = append(e.Limits, l.String())
			}
		}
	}
	if math.IsInf(best, 1) {
		return fmt.Errorf("no certified search has the mix of the peak: run oauthbench capacity --mix %s",
			mixWords(wanted))
	}
	return nil
}

// shares are parts of the sum.
func shares(of map[string]float64) map[string]float64 {
	sum := 0.0
	for _, v := range of {
		sum += v
	}
	parts := map[string]float64{}
	for name, v := range of {
		parts[name] = v / sum
	}
	return parts
}

func union[V any](a, b map[string]V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// mixWords is "introspect=92.6,token=6.94".
func mixWords(mix map[string]float64) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(mix)) {
		all = append(all, fmt.Sprintf("%s=%.3g", name, 100*mix[name]))
	}
	return strings.Join(all, ",")
}
