// Package rehearse lets the embedded server be upgraded from one generation to the next
// in a rehearsal of scenarios/upgrade: blue and green in processes of their own, each on
// its own SQLite database, green's being a migrated copy of blue's.
package rehearse
