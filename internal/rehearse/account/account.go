// Package account tells what a migration has done to a database, from what the database told
// before and after: by table, by statement, and who waited for whom meanwhile.
package account

import (
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
)

// Account is what a migration has done to a database.
type Account struct {
	Took      time.Duration `json:"took_ns"`
	WALBytes  int64         `json:"wal_bytes"`
	TempBytes int64         `json:"temp_bytes"`
	TempFiles int64         `json:"temp_files"`
	Commits   int64         `json:"commits"`
	Before    int64         `json:"bytes_before"` // of the database
	After     int64         `json:"bytes_after"`
	Tables    []Table       `json:"tables"`
	// Statements are the longest first.
	Statements []Statement `json:"statements,omitempty"`
	Locks      *Locks      `json:"locks,omitempty"`
}

// Table is what it has done to one table.
type Table struct {
	Name     string `json:"name"`
	Rows     int64  `json:"rows"` // before
	Inserted int64  `json:"inserted"`
	Updated  int64  `json:"updated"`
	Deleted  int64  `json:"deleted"`
	DeadRows int64  `json:"dead_rows"`
	Before   int64  `json:"bytes_before"` // 0 when it was not there
	After    int64  `json:"bytes_after"`  // 0 when it is gone
	// Rewritten says that ALTER TABLE wrote the table anew, which counts as no updated row.
	Rewritten bool `json:"rewritten,omitempty"`
}

// Of is the difference of two censuses. Tables that nothing happened to are left out. beside tells
// that a server worked on the same database meanwhile, whose statements are left out.
func Of(before, after census.Census, took time.Duration, beside bool) *Account {
	a := &Account{
		Took: took, WALBytes: after.WALBytes - before.WALBytes, TempBytes: after.TempBytes - before.TempBytes,
		TempFiles: after.TempFiles - before.TempFiles, Commits: after.Commits - before.Commits,
		Before: before.Bytes, After: after.Bytes,
		Statements: statementsOf(before.Statements, after.Statements, beside),
	}
	type pair struct{ was, is int }
	places := map[string]pair{}
	var names []string
	for i, t := range before.Tables {
		places[t.Name] = pair{i + 1, 0}
		names = append(names, t.Name)
	}
	for i, t := range after.Tables {
		if _, ok := places[t.Name]; !ok {
			names = append(names, t.Name)
		}
		places[t.Name] = pair{places[t.Name].was, i + 1}
	}
	for _, name := range names {
		t := Table{Name: name}
		p := places[name]
		if p.is > 0 {
			is := after.Tables[p.is-1]
			t.Inserted, t.Updated, t.Deleted, t.DeadRows, t.After = is.Inserted, is.Updated, is.Deleted,
				is.DeadRows, is.Bytes
		}
		if p.was > 0 {
			was := before.Tables[p.was-1]
			t.Before, t.Rows = was.Bytes, was.Rows
			if p.is > 0 {
				is := after.Tables[p.is-1]
				t.Inserted, t.Updated, t.Deleted = t.Inserted-was.Inserted, t.Updated-was.Updated, t.Deleted-was.Deleted
				t.Rewritten = is.File != was.File
			}
		}
		if t.Inserted+t.Updated+t.Deleted != 0 || t.Rewritten || p.was == 0 || p.is == 0 {
			a.Tables = append(a.Tables, t)
		}
	}
	return a
}

// Totals add up the tables.
func (a *Account) Totals() (inserted, updated, deleted int64) {
	for _, t := range a.Tables {
		inserted, updated, deleted = inserted+t.Inserted, updated+t.Updated, deleted+t.Deleted
	}
	return inserted, updated, deleted
}
