// Package census is what a database tells of itself at one time: of its tables, its statements
// and its locks, as plain numbers. The difference of two is what was done in between.
package census

import "time"

// Census is what a database tells of its tables and statements at one time, counted since its
// start.
type Census struct {
	WALBytes   int64
	TempBytes  int64
	TempFiles  int64
	Commits    int64
	Bytes      int64 // of the whole database
	Tables     []Table
	Statements []Statement
}

// Table is what it tells of one table.
type Table struct {
	Name                       string
	ID                         int64 // by which Locks name it
	Inserted, Updated, Deleted int64
	DeadRows                   int64
	Rows                       int64 // estimated
	Bytes                      int64 // They contain the indexes.
	File                       int64 // another one after a rewrite by ALTER TABLE
}

// Statement is what it tells of one statement, without its values.
type Statement struct {
	Text                string
	Calls               int64
	Time                time.Duration
	Rows                int64
	WALBytes, TempBytes int64
}

// Locks are those of one moment.
type Locks struct {
	At    time.Time
	Held  []HeldLock // that keep readers or writers from a table
	Waits []LockWait
}

// HeldLock is a table that somebody keeps others from.
type HeldLock struct {
	Table  int64 // Table.ID, or that of an index
	Mode   string
	Holder int64 // the database's process
}

// LockWait is somebody who waits for a lock.
type LockWait struct {
	Waiter int64 // the database's process
	Table  int64 // 0 for a row
	Mode   string
	Waits  string // the statement, or the kind of process, that waits
	For    string // for this one
}

// Published are totals of a migration that somebody has made known.
type Published struct {
	Who       string        `json:"who"`
	Where     string        `json:"where"` // address
	Updated   float64       `json:"updated"`
	Inserted  float64       `json:"inserted"`
	TempBytes float64       `json:"temp_bytes"`
	Took      time.Duration `json:"took_ns"`
}
