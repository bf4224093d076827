package summary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/units"
)

// silentArrivals is how many arrivals must be due while no answer comes before that is
// called silence: of a slow trickle chance alone leaves seconds empty.
const silentArrivals = 20

// silence is the longest time in which no expected answer came between two that did, in
// whole seconds; 0 where answers are not counted by second. A server that is slow but
// steady has none: its first answers come late, and then they come.
func silence(t *bench.Trial) time.Duration {
	if !AnswersCounted(t) {
		return 0
	}
	var longest, silent time.Duration
	begun := false
	for _, sec := range AchievedRates(t) {
		switch {
		case sec.Rate == 0:
			silent += sec.Width
			continue
		case begun:
			longest = max(longest, silent)
		}
		begun, silent = true, 0
	}
	if t.Load.Rate()*longest.Seconds() < silentArrivals {
		return 0
	}
	return longest
}

// poolWait is how long requests waited for a pool's connections.
type poolWait struct {
	Name       string        `json:"name"`              // the server's; "" for the only one
	Limit      int64         `json:"limit_connections"` // 0 is no limit
	PerRequest time.Duration `json:"wait_per_request_ns"`
	Share      float64       `json:"share_of_response"` // of the mean response time
}

// longestWait finds the pool that was waited for longest; nil unless every trial tells.
func longestWait(trials []bench.Trial, sent int64) *poolWait {
	pools, told := mergePools(trials)
	if !told {
		return nil
	}
	p := slices.MaxFunc(pools, func(a, b bench.Pool) int { return cmp.Compare(a.Waited, b.Waited) })
	w := poolWait{Limit: p.Limit, PerRequest: p.Waited / time.Duration(sent)}
	if len(pools) > 1 {
		w.Name = plaintext.Line(p.Name)
	}
	response := bench.NewHistogram()
	for _, t := range trials {
		for _, m := range t.Measurements {
			response.Merge(m.Response)
		}
	}
	if mean := response.Mean(); mean > 0 {
		w.Share = float64(w.PerRequest) / float64(mean)
	}
	return &w
}

// mergePools sums up the pools of trials, which all have the same; told is false unless
// every trial tells of them.
func mergePools(trials []bench.Trial) (pools []bench.Pool, told bool) {
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

// unmeasured says what else may have been the limit.
func (b *Bottleneck) unmeasured() string {
	if b.Pool != nil {
		return b.waits() + " Waits for locks and disks are not measured."
	}
	return " Waits for connections, locks and disks are not measured."
}

// waits is a sentence on the waits for database connections, "" when it is not known
// whether there were any.
func (b *Bottleneck) waits() string {
	switch {
	case b.Pool == nil:
		return ""
	case b.Pool.PerRequest == 0:
		return " No request waited for a database connection."
	}
	words := b.Pool.words()
	return " " + strings.ToUpper(words[:1]) + words[1:] + "."
}

// words are "requests waited for one of 10 database connections: 3.10 ms each".
func (w poolWait) words() string {
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
