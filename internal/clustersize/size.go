package clustersize

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"github.com/oauthbench/oauthbench/bench/sizing"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/varied"
	"github.com/oauthbench/oauthbench/reports"
)

// BeyondError says that the runs do not carry what was asked.
type BeyondError struct{ Err error }

func (e *BeyondError) Error() string { return e.Err.Error() }
func (e *BeyondError) Unwrap() error { return e.Err }

// Help says what the command does.
const Help = `Size reads stored runs of one server and says how many instances a peak needs: the largest
of what the limits, the server's CPU and its database ask for. It needs a certified search for
capacity with the mix of the peak, and one run more than there are operations, of different
mixes, to tell what each operation costs. A grid of capacity --replicas tells how several
instances carry together. What was measured, given and assumed is said, and what the runs do
not carry is refused with the reason. With --guide it says what one core carries of each
operation that was measured alone, beside what the server's own guide says.

Exit codes: 0 a size; 1 no number of instances carries the peak; 2 usage error; 3 the runs do
not carry what was asked.`

// Examples are pasteable.
const Examples = `  oauthbench size results/search results/token results/introspect \
    --peak 'token 300/s, introspect 4000/s' --database-cores 8
  oauthbench size results/token results/refresh results/signin --guide
  oauthbench size results/instances --peak 'token 300/s' --format kubernetes`

// Size answers from stored runs. Its errors are of what was asked, or a BeyondError.
func (o *Options) Size(dirs []string) (reports.Size, error) {
	var s reports.Size
	a, err := o.understood()
	if err != nil {
		return s, err
	}
	if len(dirs) == 0 {
		return s, errors.New("size takes the directories of stored runs: oauthbench size DIR... --peak RATES")
	}
	var runs []stored.Run
	var scaling *stored.Scaling
	for _, dir := range dirs {
		switch {
		case !varied.Is(dir):
			run, err := session.Read(dir)
			if err != nil {
				return s, err
			}
			runs = append(runs, stored.Run{Dir: dir, Run: run})
		case scaling != nil:
			return s, fmt.Errorf("%s and %s are both grids of instances: give one", scaling.Dir, dir)
		default:
			var one stored.Run
			if one, scaling, err = instances(dir); err != nil {
				return s, err
			}
			runs = append(runs, one)
		}
	}
	s = reports.Size{Demand: a.demand, Machines: a.machines, Retention: a.retention, Mean: a.mean}
	if s.Evidence, err = stored.Of(runs, a.demand.Peak); err != nil {
		return s, &BeyondError{err}
	}
	if scaling != nil {
		if s.Evidence.CapacityDir != filepath.Join(scaling.Dir, scaling.First) {
			return s, &BeyondError{fmt.Errorf("%s was searched with another mix than that of the peak: search with it "+
				"(oauthbench capacity --replicas 1,2,3,4 --mix)", scaling.Dir)}
		}
		s.Evidence.Scaling = scaling
	}
	if err := o.move(&s, runs); err != nil {
		return s, err
	}
	o.assume(&s)
	if err := withinReach(s); err != nil {
		return s, &BeyondError{err}
	}
	m := sizing.Measured{
		Capacity: s.Evidence.Capacity.Low, Server: cost(s.Evidence, stored.ServerCPU),
		Database: cost(s.Evidence, stored.DatabaseCPU), Commits: cost(s.Evidence, stored.Commits),
		Pool: s.Evidence.Pool, Memory: s.Evidence.Memory, Scaling: s.Evidence.Planned(),
	}
	if s.Need, err = sizing.Size(s.Demand, m, s.Machines); err != nil {
		return s, &BeyondError{err}
	}
	return s, nil
}

// furthest is how many times the rates that were measured a peak may be.
const furthest = 100

// withinReach refuses a peak that is so far from what was measured that nothing is known of it.
func withinReach(s reports.Size) error {
	rate := s.Demand.Rate() * (1 + s.Demand.Headroom)
	if rate <= furthest*s.Evidence.Highest {
		return nil
	}
	return fmt.Errorf("the peak with its headroom is %.4g/s, %s the %.4g/s that were measured at most, and "+
		"beyond %d times nothing is said: measure nearer to it", rate,
		digits.Count(int(math.Round(rate/s.Evidence.Highest)), "time"), s.Evidence.Highest,
		furthest)
}

func cost(e stored.Evidence, resource string) sizing.Costs {
	c, _ := e.Cost(resource)
	return c
}

// assume fills in what was not given, and says what it is.
func (o *Options) assume(s *reports.Size) {
	given := func(format string, args ...any) { s.Given = append(s.Given, fmt.Sprintf(format, args...)) }
	assumed := func(format string, args ...any) { s.Assumed = append(s.Assumed, fmt.Sprintf(format, args...)) }
	switch limit, err := strconv.ParseFloat(s.Evidence.Deployment.Settings["limit.cpus"], 64); {
	case o.cores > 0:
		given("%g cores an instance", o.cores)
	case s.Machines.ServerCores > 0:
		assumed("an instance has %g cores, all of the machine that costs were moved to", s.Machines.ServerCores)
	case err == nil && limit > 0:
		s.Machines.ServerCores = limit
		assumed("an instance has %g cores, as it was measured with", limit)
	default:
		s.Machines.ServerCores = float64(s.Evidence.Environment.Cores)
		assumed("an instance has %s, all of the machine that it was measured on, which it shared with the "+
			"generator",
			digits.Count(s.Evidence.Environment.Cores, "core"))
	}
	if o.databaseCores > 0 {
		given("%g cores of the database", o.databaseCores)
	}
	if o.connections > 0 {
		given("%s of the database, %d of them for others", digits.Count(o.connections, "connection"), o.reserved)
	}
	if o.writes > 0 {
		given("%g writes a second of its disk", o.writes)
	}
	if o.memory != "" {
		given("%s of memory an instance", o.memory)
	}
	if o.pool > 0 {
		s.Evidence.Pool = o.pool
		given("%s of one instance", digits.Count(o.pool, "connection"))
	}
	assumed("%s of cores may be busy at the peak with its headroom", o.mostBusy)
	switch law := s.Evidence.Scaling; {
	case law == nil:
		assumed("instances carry what one carries times their number: how they scale was not measured")
	case law.Usable():
	case law.Law == nil:
		assumed("instances carry what one carries times their number: %s has no scaling law (%s)", law.Dir, law.Missing)
	default:
		assumed("instances carry what one carries times their number: those of %s shared cores, and its law is "+
			"contention and no scaling", law.Dir)
	}
	assumed("costs grow with the rate in straight lines: %.4g/s was measured at most, and the peak with its headroom "+
		"is %.2g times that", s.Evidence.Highest, s.Demand.Rate()*(1+s.Demand.Headroom)/s.Evidence.Highest)
	if o.mean == "100%" {
		assumed("the peak lasts all day, for what grows by the day")
	} else {
		given("a mean rate of %s of the peak", o.mean)
	}
	if s.Retention == 0 {
		assumed("no retention: what rows are deleted is not known")
	}
}
