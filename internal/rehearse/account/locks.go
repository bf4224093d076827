package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
)

// Locks are what was seen of a database's locks while it was migrated, sampled. What lasts
// shorter than the time between two samples may be missing.
type Locks struct {
	Samples int           `json:"samples"`
	Every   time.Duration `json:"every_ns"`
	Held    []Held        `json:"held,omitempty"`
	Waits   []Wait        `json:"waits,omitempty"`
	// Failed are samples that could not be taken.
	Failed int `json:"failed,omitempty"`
	// Seconds are those in which somebody waited, in order.
	Seconds []Second `json:"seconds,omitempty"`
}

// Second is how many waited at once, at most, in one second.
type Second struct {
	At      time.Time `json:"at"`
	Waiting int       `json:"waiting"`
}

// Held is how long others were kept from a table.
type Held struct {
	Table   string        `json:"table"`
	Mode    string        `json:"mode"`
	Samples int           `json:"samples"` // that saw it
	Longest time.Duration `json:"longest_ns"`
}

// Wait is one kind of wait: who waited for whom, in a mode for a table.
type Wait struct {
	Table   string        `json:"table"` // "a row" for one of a row
	Mode    string        `json:"mode"`
	Waited  string        `json:"waited"` // the statement that waited
	For     string        `json:"for"`    // the one that it waited for
	Samples int           `json:"samples"`
	Longest time.Duration `json:"longest_ns"` // of one process
}

// sampling is how often locks are looked at.
const sampling = 100 * time.Millisecond

// aRow is the table of a wait for a row.
const aRow = "a row"

// Watch samples the locks until the context is done, and tells then what it saw: of tables by
// the number that a census gives them. A look under way is not cut off, for that would end the
// connection, which others use.
func Watch(ctx context.Context, read func(context.Context) (census.Locks, error)) (all []census.Locks, failed int) {
	tick := time.NewTicker(sampling)
	defer tick.Stop()
	for {
		at := time.Now()
		seen, err := read(context.WithoutCancel(ctx))
		seen.At = at
		switch {
		case err == nil:
			all = append(all, seen)
		case ctx.Err() == nil:
			failed++
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return all, failed
		}
	}
}

// runs counts samples in a row.
type runs struct{ last, length, longest, all int }

func (r *runs) seen(sample int) {
	switch {
	case r.all > 0 && r.last == sample:
		return
	case r.all > 0 && r.last == sample-1:
		r.length++
	default:
		r.length = 1
	}
	r.last = sample
	r.all++
	r.longest = max(r.longest, r.length)
}

// holding and waiting are what is counted apart; one process is followed for the longest time.
type (
	holding struct{ table, mode string }
	waiting struct{ table, mode, waited, by string }
)

// LocksOf adds up samples. Tables that no census names, such as those that came and went in
// between, and indexes are left out.
func LocksOf(samples []census.Locks, failed int, censuses ...census.Census) *Locks {
	names := map[int64]string{0: aRow}
	for _, c := range censuses {
		for _, t := range c.Tables {
			names[t.ID] = t.Name
		}
	}
	held := map[holding]map[int64]*runs{}
	waits := map[waiting]map[int64]*runs{}
	l := &Locks{Samples: len(samples), Every: sampling, Failed: failed}
	for i, s := range samples {
		for _, h := range s.Held {
			if name := names[h.Table]; name != "" {
				follow(held, holding{name, h.Mode}, h.Holder).seen(i)
			}
		}
		waiters := map[int64]bool{}
		for _, w := range s.Waits {
			if name := names[w.Table]; name != "" {
				follow(waits, waiting{name, w.Mode, shorten(w.Waits), shorten(w.For)}, w.Waiter).seen(i)
				waiters[w.Waiter] = true
			}
		}
		l.saw(s.At.Truncate(time.Second), len(waiters))
	}
	for key, by := range held {
		n, longest := sum(by)
		l.Held = append(l.Held, Held{key.table, key.mode, n, longest})
	}
	for key, by := range waits {
		n, longest := sum(by)
		l.Waits = append(l.Waits, Wait{key.table, key.mode, key.waited, key.by, n, longest})
	}
	slices.SortFunc(l.Held, func(a, b Held) int {
		return cmp.Or(cmp.Compare(b.Longest, a.Longest), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Mode, b.Mode))
	})
	slices.SortFunc(l.Waits, func(a, b Wait) int {
		return cmp.Or(cmp.Compare(b.Longest, a.Longest), cmp.Compare(a.Waited, b.Waited), cmp.Compare(a.Table, b.Table),
			cmp.Compare(a.For, b.For))
	})
	return l
}

// saw adds a sample to the seconds.
func (l *Locks) saw(second time.Time, waiting int) {
	if waiting == 0 {
		return
	}
	if n := len(l.Seconds); n > 0 && l.Seconds[n-1].At.Equal(second) {
		l.Seconds[n-1].Waiting = max(l.Seconds[n-1].Waiting, waiting)
		return
	}
	l.Seconds = append(l.Seconds, Second{second, waiting})
}

func follow[K comparable](all map[K]map[int64]*runs, key K, process int64) *runs {
	if all[key] == nil {
		all[key] = map[int64]*runs{}
	}
	if all[key][process] == nil {
		all[key][process] = &runs{}
	}
	return all[key][process]
}

func sum(by map[int64]*runs) (samples int, longest time.Duration) {
	for _, r := range by {
		samples += r.all
		longest = max(longest, time.Duration(r.longest)*sampling)
	}
	return samples, longest
}
