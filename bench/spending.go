package bench

import (
	"cmp"
	"slices"
	"time"
)

// Spending is one reading of what a deployment has spent so far. What is not told is
// not Known, or nil.
type Spending struct {
	Server   Usage
	Database Usage
	Runtime  *Runtime
	Counters *DatabaseCounters
	Pools    []Pool
	// Compilers are the server's just-in-time compilers, which are part of Server.
	Compilers Usage
	// Paused is how long all of the server has stood still since it started, for its garbage
	// to be collected; 0 when it does not tell.
	Paused time.Duration
	// Allocated is how many bytes of heap the server has allocated since it started; 0 when
	// it does not tell.
	Allocated int64
}

// AllocatedSince is what was allocated between two readings; 0 when it was not told, or the
// server was restarted in between.
func (s Spending) AllocatedSince(before Spending) int64 {
	if before.Allocated == 0 {
		return 0
	}
	return max(s.Allocated-before.Allocated, 0)
}

// Runtime is one reading of a Go server's own account of itself: gauges, true at that
// moment only.
type Runtime struct {
	Heap       int64 `json:"heap_bytes"`
	Goroutines int64 `json:"goroutines"`
	RSS        int64 `json:"rss_bytes"` // 0 when not told
}

// Pool is a server's own account of one pool of connections to its database, since it
// started or between two readings.
type Pool struct {
	Name   string        `json:"name"`      // the server's for it
	Limit  int64         `json:"limit"`     // connections at most; 0 is no limit
	Waits  int64         `json:"waits"`     // for a connection, because all were in use
	Waited time.Duration `json:"waited_ns"` // the sum of them
}

// PoolsSince is what happened between two readings; nil when either is missing or the
// server was restarted in between.
func PoolsSince(after, before []Pool) []Pool {
	var all []Pool
	for _, p := range after {
		i := slices.IndexFunc(before, func(b Pool) bool { return b.Name == p.Name })
		if i < 0 || p.Waits < before[i].Waits || p.Waited < before[i].Waited {
			return nil
		}
		p.Waits, p.Waited = p.Waits-before[i].Waits, p.Waited-before[i].Waited
		all = append(all, p)
	}
	return all
}

// DatabaseCounters are a database's own, of the server's database alone, since it started or
// between two readings.
type DatabaseCounters struct {
	Commits      int64 `json:"commits"`
	Rollbacks    int64 `json:"rollbacks"`
	RowsInserted int64 `json:"rows_inserted"`
	RowsUpdated  int64 `json:"rows_updated"`
	RowsDeleted  int64 `json:"rows_deleted"`
	TempBytes    int64 `json:"temp_bytes"` // written because a query's memory did not suffice
	WALBytes     int64 `json:"wal_bytes"`  // of the whole database server
	// Bytes is the size of the database, or by how much it grew; 0 in runs that did not ask.
	Bytes int64 `json:"size_bytes,omitempty"`

	Statements []Statement `json:"statements"` // those with most time first
}

// Statement is what one kind of statement cost, its constants taken out.
type Statement struct {
	Text  string        `json:"text"`
	Calls int64         `json:"calls"`
	Time  time.Duration `json:"time_ns"` // executing, without planning
	Rows  int64         `json:"rows"`
}

// Calls is the number of statements executed.
func (c DatabaseCounters) Calls() int64 {
	var n int64
	for _, s := range c.Statements {
		n += s.Calls
	}
	return n
}

// Time is how long the statements executed, together.
func (c DatabaseCounters) Time() time.Duration {
	var d time.Duration
	for _, s := range c.Statements {
		d += s.Time
	}
	return d
}

// Since is what happened between two readings of the same database. Statements that
// were not executed in between are left out.
func (c DatabaseCounters) Since(before DatabaseCounters) DatabaseCounters {
	d := c.plus(before, -1)
	old := map[string]Statement{}
	for _, s := range before.Statements {
		old[s.Text] = s
	}
	for _, s := range c.Statements {
		was := old[s.Text]
		if s.Calls < was.Calls { // evicted and counted anew
			was = Statement{}
		}
		s.Calls, s.Time, s.Rows = s.Calls-was.Calls, s.Time-was.Time, s.Rows-was.Rows
		if s.Calls > 0 {
			d.Statements = append(d.Statements, s)
		}
	}
	d.sort()
	return d
}

// Plus is the sum of what happened in two stretches of time.
func (c DatabaseCounters) Plus(o DatabaseCounters) DatabaseCounters {
	sum := c.plus(o, 1)
	at := map[string]int{}
	for _, s := range slices.Concat(c.Statements, o.Statements) {
		i, known := at[s.Text]
		if !known {
			at[s.Text] = len(sum.Statements)
			sum.Statements = append(sum.Statements, s)
			continue
		}
		t := &sum.Statements[i]
		t.Calls, t.Time, t.Rows = t.Calls+s.Calls, t.Time+s.Time, t.Rows+s.Rows
	}
	sum.sort()
	return sum
}

func (c DatabaseCounters) plus(o DatabaseCounters, sign int64) DatabaseCounters {
	return DatabaseCounters{
		Commits:      c.Commits + sign*o.Commits,
		Rollbacks:    c.Rollbacks + sign*o.Rollbacks,
		RowsInserted: c.RowsInserted + sign*o.RowsInserted,
		RowsUpdated:  c.RowsUpdated + sign*o.RowsUpdated,
		RowsDeleted:  c.RowsDeleted + sign*o.RowsDeleted,
		TempBytes:    c.TempBytes + sign*o.TempBytes,
		WALBytes:     c.WALBytes + sign*o.WALBytes,
		Bytes:        c.Bytes + sign*o.Bytes,
	}
}

func (c DatabaseCounters) sort() {
	slices.SortStableFunc(c.Statements, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Text, b.Text))
	})
}

// Waits are what the connections of a server to its database did while a trial ran, as looks at all of
// them show, a few a second. A count is of connections, summed over the looks.
type Waits struct {
	Looks       int64 `json:"looks"`
	Connections int64 `json:"connections"` // open, idle ones too
	Busy        int64 `json:"busy"`        // in a transaction, executing or not
	// Events are what the busy ones did, most frequent first.
	Events []WaitEvent `json:"events,omitempty"`
}

// WaitEvent is what a connection waited for, in the words of the database.
type WaitEvent struct {
	Type string `json:"type"` // Type is "" while it ran on a processor, or waited for one.
	Name string `json:"name"`
	Seen int64  `json:"seen"`
}

// WaitClass is the part of a database that a connection waited for.
type WaitClass string

// The classes of waits.
const (
	WaitNone   WaitClass = "processor" // It ran, or waited for a processor.
	WaitLock   WaitClass = "locks"     // of rows and tables, held by other transactions
	WaitCommit WaitClass = "commits"   // the log is written, or a replica confirms it
	WaitDisk   WaitClass = "disk"      // data is read or written
	WaitLatch  WaitClass = "latches"   // short locks of the database's own memory
	WaitServer WaitClass = "server"    // the next statement, within a transaction
	WaitOther  WaitClass = "other"
)

// Class tells which part of PostgreSQL an event is of (its manual, "Wait Events").
func (e WaitEvent) Class() WaitClass {
	commits := []string{"WALSync", "WalSync", "WALWrite", "WalWrite", "WALInsert", "SyncRep", "CommitDelay",
		"WALWriteLock", "WALBufMapping", "WalInitSync", "WALInitSync", "WALInitWrite"}
	switch {
	case e.Type == "":
		return WaitNone
	case slices.Contains(commits, e.Name):
		return WaitCommit
	case e.Type == "Lock":
		return WaitLock
	case e.Type == "IO":
		return WaitDisk
	case e.Type == "LWLock" || e.Type == "BufferPin" || e.Type == "Buffer":
		return WaitLatch
	case e.Type == "Client" && e.Name == "ClientRead":
		return WaitServer
	}
	return WaitOther
}

// Saw adds what one look saw of connections that all do the same. Idle ones have no event.
func (w *Waits) Saw(connections int64, busy bool, event, name string) {
	w.Connections += connections
	if !busy {
		return
	}
	w.Busy += connections
	i := slices.IndexFunc(w.Events, func(e WaitEvent) bool { return e.Type == event && e.Name == name })
	if i < 0 {
		w.Events = append(w.Events, WaitEvent{event, name, connections})
		return
	}
	w.Events[i].Seen += connections
}

// Plus is the sum of two; nil is none.
func (w *Waits) Plus(o *Waits) *Waits {
	if w == nil || o == nil {
		return cmp.Or(w, o)
	}
	sum := Waits{Looks: w.Looks + o.Looks, Connections: w.Connections + o.Connections}
	for _, e := range slices.Concat(w.Events, o.Events) {
		sum.Saw(e.Seen, true, e.Type, e.Name)
	}
	sum.Connections -= sum.Busy // Saw counted the busy ones once more.
	slices.SortStableFunc(sum.Events, func(a, b WaitEvent) int { return cmp.Compare(b.Seen, a.Seen) })
	return &sum
}
