package account

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
)

// What happened to a table while it was migrated is told, also when ALTER TABLE rewrote it.
func TestAccount(t *testing.T) {
	before := tableOf("a", 10, 1, 100, 1)
	after := tableOf("a", 10, 7, 300, 2)
	after.Tables = append(after.Tables, tableOf("b", 5, 0, 50, 3).Tables...)
	before.Tables = append(before.Tables, tableOf("gone", 4, 0, 40, 4).Tables...)
	got := Of(before, after, time.Second, false)
	want := []Table{
		{Name: "a", Updated: 6, Before: 100, After: 300, Rewritten: true}, {Name: "gone", Before: 40},
		{Name: "b", Inserted: 5, After: 50},
	}
	if len(got.Tables) != len(want) {
		t.Fatalf("tables = %+v; want %+v", got.Tables, want)
	}
	for i := range want {
		if got.Tables[i] != want[i] {
			t.Errorf("table = %+v; want %+v", got.Tables[i], want[i])
		}
	}
}

// tableOf is that of one table.
func tableOf(name string, inserted, updated, bytes, file int64) (c census.Census) {
	t := census.Table{Name: name, Inserted: inserted, Updated: updated, Bytes: bytes, File: file}
	c.Tables = append(c.Tables, t)
	return c
}

// A statement of the migration is told with what it alone has cost, and none that a server asked
// beside it.
func TestStatements(t *testing.T) {
	before := []census.Statement{{Text: "SELECT 1", Calls: 1, Time: time.Second},
		{Text: "INSERT INTO x VALUES ($1)", Calls: 5}}
	after := []census.Statement{{Text: "SELECT 1", Calls: 1, Time: time.Second},
		{Text: "INSERT INTO x VALUES ($1)", Calls: 9, Rows: 4},
		{Text: "UPDATE a SET b = $1", Calls: 1, Time: time.Second, Rows: 7, WALBytes: 8, TempBytes: 9},
		{Text: "CREATE INDEX i ON a (b)", Calls: 1, Time: 2 * time.Second}}
	want := []Statement{{Text: "CREATE INDEX i ON a (b)", Table: "a", Calls: 1, Took: 2 * time.Second},
		{Text: "UPDATE a SET b = $1", Table: "a", Calls: 1, Took: time.Second, Rows: 7, WALBytes: 8, TempBytes: 9},
		{Text: "INSERT INTO x VALUES ($1)", Table: "x", Calls: 4, Rows: 4}}
	for _, beside := range []bool{false, true} {
		got := statementsOf(before, after, beside)
		if beside {
			want = want[:2]
		}
		if !slices.Equal(got, want) {
			t.Errorf("a server beside it %t: %+v; want %+v", beside, got, want)
		}
	}
}

// Tables are found in what migrations write, and no value is kept.
func TestTableOf(t *testing.T) {
	for text, want := range map[string]string{
		"UPDATE hydra_client SET nid = $1":                            "hydra_client",
		"-- a comment\n  update only \"public\".\"flow\" set a = 1":   "flow",
		"/* x */ INSERT INTO flow (a) SELECT b FROM c":                "flow",
		"DELETE FROM c WHERE a = 1":                                   "c",
		"ALTER TABLE IF EXISTS ONLY flow ADD COLUMN nid uuid":         "flow",
		"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON flow(a)": "flow",
		"CREATE INDEX ON flow (a)":                                    "flow",
		"create table if not exists networks (id uuid)":               "networks",
		"DROP TABLE IF EXISTS old":                                    "old",
		"DROP INDEX i":                                                "",
		"SELECT version FROM schema_migration":                        "",
		"WITH x AS (SELECT 1) SELECT * FROM x":                        "",
	} {
		if got := TableOf(text); got != want {
			t.Errorf("TableOf(%q) = %q; want %q", text, got, want)
		}
	}
	for _, text := range []string{"UPDATE a SET b = 'se''cret'", "UPDATE a SET b = 'secret",
		"SELECT 1 -- it's secret"} {
		if got := shorten(text); strings.Contains(got, "secret") || strings.Contains(got, "cret") {
			t.Errorf("shorten(%q) = %q; want no value", text, got)
		}
	}
	if !Indexing("CREATE UNIQUE INDEX i ON a (b)") || !Indexing("create index i on a (b)") ||
		Indexing("CREATE TABLE a") {
		t.Error("an index is not told from a table")
	}
}

// Who ends the watch cuts no look off: a connection whose question is cut off is of no use to others.
func TestWatchCutsNothingOff(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	cut := false
	all, failed := Watch(ctx, func(ctx context.Context) (census.Locks, error) {
		stop()
		cut = ctx.Err() != nil
		return census.Locks{}, ctx.Err()
	})
	if cut || len(all) == 0 || failed != 0 {
		t.Errorf("a look was cut off %t, %d looks, %d failed", cut, len(all), failed)
	}
}

// Samples in a row are one stretch of one process; a sample in between that did not see it ends it.
func TestLocks(t *testing.T) {
	held := census.Locks{Held: []census.HeldLock{{Table: 7, Mode: "AccessExclusiveLock", Holder: 1}}}
	waits := census.Locks{Waits: []census.LockWait{
		{Waiter: 2, Table: 7, Mode: "RowExclusiveLock", Waits: "UPDATE a", For: "ALTER TABLE a"},
		{Waiter: 3, Table: 7, Mode: "RowExclusiveLock", Waits: "UPDATE a", For: "ALTER TABLE a"},
		{Waiter: 3, Table: 99, Mode: "RowExclusiveLock", Waits: "of an index", For: "ALTER TABLE a"}}}
	got := LocksOf([]census.Locks{held, held, {}, held, waits, waits, waits}, 1,
		census.Census{Tables: []census.Table{{Name: "a", ID: 7}}})
	if want := []Held{{"a", "AccessExclusiveLock", 3, 2 * sampling}}; !slices.Equal(got.Held, want) {
		t.Errorf("held = %+v; want %+v", got.Held, want)
	}
	want := []Wait{{"a", "RowExclusiveLock", "UPDATE a", "ALTER TABLE a", 6, 3 * sampling}}
	if !slices.Equal(got.Waits, want) {
		t.Errorf("waits = %+v; want %+v", got.Waits, want)
	}
	if len(got.Seconds) != 1 || got.Seconds[0].Waiting != 2 {
		t.Errorf("seconds = %+v; want one in which two waited", got.Seconds)
	}
	if got.Samples != 7 || got.Failed != 1 {
		t.Errorf("samples = %d, failed %d; want 7 and 1", got.Samples, got.Failed)
	}
}
