package account

import (
	"testing"
	"time"

	"oauthbench/containers"
)

// What happened to a table while it was migrated is told, also when ALTER TABLE rewrote it.
func TestAccount(t *testing.T) {
	before := census("a", 10, 1, 100, 1)
	after := census("a", 10, 7, 300, 2)
	after.Tables = append(after.Tables, census("b", 5, 0, 50, 3).Tables...)
	before.Tables = append(before.Tables, census("gone", 4, 0, 40, 4).Tables...)
	got := Of(before, after, time.Second)
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

// census is that of one table.
func census(name string, inserted, updated, bytes, file int64) (c containers.Census) {
	t := containers.TableCensus{Table: name, Inserted: inserted, Updated: updated, Bytes: bytes, File: file}
	c.Tables = append(c.Tables, t)
	return c
}
