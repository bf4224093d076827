package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// Base is where requests to an instance go in the place of those to the first.
type Base struct{ From, To string }

// checkReplicas finds what several instances cannot have.
func checkReplicas(p plan.Plan) error {
	if p.Replicas > 1 && p.Parameters.DPoP {
		return errors.New("dpop: a proof names the address that it is sent to, and requests go to several instances: " +
			"leave one of the two out")
	}
	return nil
}

// join makes further instances, on the same database, part of a deployment. They have a
// server, what it spends, and how it is restarted, watched and closed.
func (d *Deployment) join(others []*Deployment) {
	if len(others) == 0 {
		return
	}
	first := *d
	all := append([]*Deployment{&first}, others...)
	d.Identity.Settings = maps.Clone(d.Identity.Settings)
	d.Identity.Settings["replicas"] = strconv.Itoa(len(all))
	d.Instances = func() [][]Base {
		var bases [][]Base
		for _, o := range others {
			bases = append(bases, basesOf(first.Endpoints(), o.Endpoints()))
		}
		return bases
	}
	d.Spent = func() bench.Spending {
		sum := first.Spent()
		for _, o := range others {
			sum = together(sum, o.Spent())
		}
		return sum
	}
	d.ResetPeak = func() {
		for _, one := range all {
			one.ResetPeak()
		}
	}
	d.Restart = func(ctx context.Context) error {
		for _, one := range all {
			if err := one.Restart(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	d.Death = func(ctx context.Context) string {
		for i, one := range all {
			if why := one.Death(ctx); why != "" {
				return fmt.Sprintf("instance %d of %d: %s", i+1, len(all), why)
			}
		}
		return ""
	}
	d.Causes = func() []bench.Cause {
		var causes []bench.Cause
		for _, one := range all {
			causes = append(causes, one.Causes()...)
		}
		return causes
	}
	d.Close = func() error {
		var errs []error
		for _, one := range slices.Backward(all) { // The first has what the others share.
			errs = append(errs, one.Close())
		}
		return errors.Join(errs...)
	}
	for _, o := range others {
		d.RestartCost += o.RestartCost
	}
}

// together is what two instances spent; the database is the first's to tell.
func together(sum, one bench.Spending) bench.Spending {
	sum.Server = bench.Usage{CPU: sum.Server.CPU + one.Server.CPU, PeakRSS: sum.Server.PeakRSS + one.Server.PeakRSS,
		Known: sum.Server.Known && one.Server.Known}
	if sum.Runtime != nil && one.Runtime != nil {
		sum.Runtime = &bench.Runtime{Heap: sum.Runtime.Heap + one.Runtime.Heap,
			Goroutines: sum.Runtime.Goroutines + one.Runtime.Goroutines, RSS: sum.Runtime.RSS + one.Runtime.RSS}
	}
	var pools []bench.Pool
	for _, pool := range sum.Pools {
		for _, other := range one.Pools {
			if other.Name == pool.Name {
				pool.Limit, pool.Waits, pool.Waited = pool.Limit+other.Limit, pool.Waits+other.Waits,
					pool.Waited+other.Waited
			}
		}
		pools = append(pools, pool)
	}
	sum.Pools, sum.Allocated = pools, sum.Allocated+one.Allocated
	if one.Compilers.Known {
		sum.Compilers.CPU += one.Compilers.CPU
	}
	sum.Paused += one.Paused
	return sum
}

// basesOf are the addresses that differ between two instances, each once.
func basesOf(first, other oauth.Endpoints) []Base {
	var all []Base
	from, to := first.All(), other.All()
	for i := range from {
		a, b := origin(*from[i].Address), origin(*to[i].Address)
		if base := (Base{a, b}); a != "" && b != "" && a != b && !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	return all
}

// origin is scheme and host of an address.
func origin(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}
