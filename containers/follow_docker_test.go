package containers

import (
	"testing"

	"github.com/oauthbench/oauthbench/containers/tokenrows"
)

// What becomes of rows is written down as it happens, with what shares a transaction, and nothing of
// it is left; what was taken back never was.
func TestRowsAreFollowed(t *testing.T) {
	const target = "reference:v2?pbkdf2_rounds=1"
	s := start(t, target, optionsOf(t, target))
	ctx, r := t.Context(), s.Rehearsed()
	exec := func(script string) {
		t.Helper()
		if err := r.Exec(ctx, script); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
	}
	exec(`CREATE TABLE tokens (mark text, family text, good boolean); CREATE TABLE refreshes (LIKE tokens);
		INSERT INTO tokens VALUES ('a1', 'g', true), ('a2', 'h', false)`)
	rows := r.SessionRows()
	rows.Rules = &tokenrows.Rules{Tables: []tokenrows.Table{
		{Name: "tokens", Mark: "mark", Grant: "family", Live: "row.good"},
		{Name: "refreshes", Mark: "mark", Grant: "family", Live: "row.good", Refresh: true},
	}}
	for range 2 { // a second time it begins anew
		if err := rows.Follow(ctx); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO tokens VALUES ('a3', 'g', true)`) // replaces nothing
	exec(`BEGIN; INSERT INTO refreshes VALUES ('r1', 'g', true); UPDATE tokens SET good = false WHERE mark = ` +
		`'a1'; COMMIT`)
	exec(`DELETE FROM tokens WHERE mark = 'a2'`) // was dead
	exec(`BEGIN; DELETE FROM tokens; ROLLBACK`)
	exec(`UPDATE refreshes SET family = 'i'; DELETE FROM refreshes`)
	got, err := rows.Followed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []tokenrows.Change{{Made: true, Mark: "r1", Grant: "g"}, {Mark: "a1", Grant: "g"}, {Mark: "r1", Grant: "i"}}
	if len(got) != len(want) {
		t.Fatalf("followed %+v; want %+v", got, want)
	}
	for i, w := range want {
		if g := got[i]; g.Made != w.Made || g.Mark != w.Mark || g.Grant != w.Grant || g.At.IsZero() {
			t.Errorf("change %d is %+v; want %+v", i, g, w)
		}
	}
	if got[0].Transaction != got[1].Transaction || got[1].Transaction == got[2].Transaction {
		t.Errorf("transactions %d, %d, %d; want the first two alike", got[0].Transaction, got[1].Transaction,
			got[2].Transaction)
	}
	if err := rows.Run(ctx, []string{"DELETE FROM tokens WHERE mark = $1", "SELECT $1::text, 1/0"}, "a3"); err == nil {
		t.Error("a statement that fails ends well")
	}
	for range 2 {
		if err := rows.Unfollow(ctx); err != nil {
			t.Fatal(err)
		}
	}
	left, kept, err := r.Count(ctx, `SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'oauthbench%')
		+ (SELECT count(*) FROM pg_namespace WHERE nspname = 'oauthbench_followed'),
		(SELECT count(*) FROM tokens WHERE mark = 'a3')`)
	if err != nil || left != 0 || kept != 1 {
		t.Errorf("%d triggers and schemas are left, %v; %d rows of what was taken back; want none and the row", left,
			err,
			kept)
	}
}

// The files of a database are copied while it serves, the copy has its rows and lives on them, and blue
// lets nobody else copy any more.
func TestFilesAreCopied(t *testing.T) {
	const target = "reference:v2?pbkdf2_rounds=1"
	s := start(t, target, optionsOf(t, target))
	ctx := t.Context()
	rules := func() (lines int64) {
		t.Helper()
		lines, _, err := s.Rehearsed().Count(ctx,
			"SELECT count(*), 0 FROM pg_hba_file_rules WHERE database = '{replication}'")
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	before := rules()
	if err := s.Rehearsed().Exec(ctx, "CREATE TABLE copied AS SELECT generate_series(1, 1000) AS n"); err != nil {
		t.Fatal(err)
	}
	spec, err := ParseSpec(target)
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.Rehearsed().Successor(ctx, spec, optionsOf(t, target), false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := next.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 { // who was cut off copies again
		if err := next.Rehearsed().CopyFilesFrom(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := next.Rehearsed().Exec(ctx, "INSERT INTO copied VALUES (0)"); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[*Stack]int64{s: 1000, next: 1001} {
		if n, _, err := at.Rehearsed().Count(ctx, "SELECT count(*), 0 FROM copied"); err != nil || n != want {
			t.Errorf("%d rows, %v; want %d", n, err, want)
		}
	}
	if after := rules(); after != before {
		t.Errorf("%d rules for copies are left of %d", after, before)
	}
}
