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

// queued is what a server seems to be able to do, by how its answers came while requests
// waited for each other.
type queued struct {
	Rate       float64       `json:"rate"` // requests per second
	Gap        time.Duration `json:"gap_ns"`
	OneAtATime bool          `json:"one_at_a_time"`
	Busy       float64       `json:"busy_share"`    // of the time at least one request was under way
	Waiting    float64       `json:"waiting_share"` // of the time at least two were
	more       int64         // waiting: from so many on answers come no faster
}

// queuedAt sums up the trials; nil where the answers do not tell, and where requests had to
// wait for the generator's workers.
func queuedAt(trials []bench.Trial) *queued {
	var all bench.Queue
	for _, t := range trials {
		if t.Queue == nil || t.Strain.InFlight >= int64(cmp.Or(t.Load.Workers, bench.DefaultMaxWorkers)) {
			return nil
		}
		all.Merge(*t.Queue)
	}
	pace, ok := all.Pace()
	if !ok {
		return nil
	}
	return &queued{Rate: pace.Rate(), Gap: pace.Gap, OneAtATime: pace.OneAtATime, more: pace.Waiting,
		Busy: all.Share(all.Busy), Waiting: all.Share(all.Waiting)}
}

// full tells whether a server that carries so many requests per second is at its end.
func (q *queued) full(rate float64) bool {
	return q != nil && (rate >= saturated*q.Rate || q.OneAtATime && q.Busy >= saturated)
}

// pace says how answers come, and what the server seems to do.
func (q *queued) pace() string {
	how := fmt.Sprintf("the server answers no faster when more than %d wait, one every %s", q.more,
		units.Duration(q.Gap))
	if q.OneAtATime {
		how = fmt.Sprintf("the server answers one at a time, the next %s after the last however many wait",
			units.Duration(q.Gap))
	}
	return how + ", so that it seems to do " + units.Rate(q.Rate)
}

// shares says how much of the time requests were under way.
func (q *queued) shares() string {
	return fmt.Sprintf("requests were under way %.0f %% of the time and waited for each other %.0f %% of it",
		100*q.Busy, 100*q.Waiting)
}

// hint is a sentence on a pace that was seen and is not the limit, "" where none was seen.
func (q *queued) hint() string {
	if q == nil {
		return ""
	}
	words := q.pace()
	return " " + strings.ToUpper(words[:1]) + words[1:] + "; " + q.shares() + "."
}
