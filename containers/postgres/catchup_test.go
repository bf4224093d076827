package postgres

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// A column that the table does not have is left out, one that is set is the database's own, and a row
// that is known is changed only where that is asked for.
func TestPutting(t *testing.T) {
	columns := map[string]string{"id": "text", "nid": "uuid", "name": "text", "late": "text"}
	row := stack.Row{"id": json.RawMessage("1"), "name": nil, "nid": json.RawMessage("7"), "gone": nil}
	one := stack.CatchUp{Table: "t", Set: map[string]string{"nid": "(SELECT 1)"}}
	const insert = `INSERT INTO t ("id", "name", "nid") SELECT fresh."id", fresh."name", (SELECT 1) FROM ` +
		`json_populate_recordset(NULL::t, $1::json) AS fresh ON CONFLICT `
	if got := putting(one, row, columns); got != insert+"DO NOTHING" {
		t.Errorf("got %s", got)
	}
	one.Update = "id, nid"
	const update = `(id, nid) DO UPDATE SET "id" = EXCLUDED."id", "name" = EXCLUDED."name"`
	if got := putting(one, row, columns); got != insert+update {
		t.Errorf("got %s", got)
	}
	delete(row, "nid")
	if got := without([]stack.Row{{"id": json.RawMessage("1"), "name": nil, "nid": json.RawMessage("7"), "gone": nil}},
		one.Set); !reflect.DeepEqual(got, []stack.Row{row}) {
		t.Errorf("left %v; want %v", got, row)
	}
}
