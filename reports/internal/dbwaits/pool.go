package dbwaits

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Pool is how long requests waited for a pool's connections.
type Pool struct {
	Name       string        `json:"name"`              // the server's; "" for the only one
	Limit      int64         `json:"limit_connections"` // 0 is no limit
	PerRequest time.Duration `json:"wait_per_request_ns"`
	Share      float64       `json:"share_of_response"` // of the mean response time
}

// LongestWait finds the pool that was waited for longest; nil unless every trial tells.
func LongestWait(trials []bench.Trial, sent int64, mean time.Duration) *Pool {
	pools, told := MergePools(trials)
	if !told {
		return nil
	}
	p := slices.MaxFunc(pools, func(a, b bench.Pool) int { return cmp.Compare(a.Waited, b.Waited) })
	w := Pool{Limit: p.Limit, PerRequest: p.Waited / time.Duration(sent)}
	if len(pools) > 1 {
		w.Name = plaintext.Line(p.Name)
	}
	if mean > 0 {
		w.Share = float64(w.PerRequest) / float64(mean)
	}
	return &w
}

// MergePools sums up the pools of trials, which all have the same; told is false unless
// every trial tells of them.
func MergePools(trials []bench.Trial) (pools []bench.Pool, told bool) {
	for i, t := range trials {
		if len(t.Pools) == 0 || i > 0 && len(t.Pools) != len(pools) {
			return nil, false
		}
		if i == 0 {
			pools = slices.Clone(t.Pools)
			continue
		}
		for k := range pools {
			if t.Pools[k].Name != pools[k].Name {
				return nil, false
			}
			pools[k].Waits += t.Pools[k].Waits
			pools[k].Waited += t.Pools[k].Waited
		}
	}
	return pools, len(pools) > 0
}

// String is "requests waited for one of 10 database connections: 3.10 ms each".
func (w *Pool) String() string {
	of := fmt.Sprintf("one of %d database connections", w.Limit)
	switch w.Limit {
	case 0:
		of = "a database connection"
	case 1:
		of = "the one database connection"
	}
	if w.Name != "" {
		of += fmt.Sprintf(" of the pool %q", w.Name)
	}
	return fmt.Sprintf("requests waited for %s: %s each", of, units.Duration(w.PerRequest))
}
