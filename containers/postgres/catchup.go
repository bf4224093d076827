package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// Since reads what was written since a time, all of it as it was at one moment.
func (s *store) Since(ctx context.Context, all []stack.CatchUp, since time.Time) ([][]stack.Row, error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return nil, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	tx, err := c.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	var rows [][]stack.Row
	for _, one := range all {
		found, err := tx.Query(ctx, "SELECT row_to_json(fresh)::text FROM ("+one.Query+") AS fresh",
			since.UTC().Format("2006-01-02 15:04:05.999999"))
		if err != nil {
			return nil, fmt.Errorf("read the new rows of %s: %w", one.Table, err)
		}
		read, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (r stack.Row, err error) {
			var text string
			if err = row.Scan(&text); err == nil {
				err = json.Unmarshal([]byte(text), &r)
			}
			return r, err
		})
		if err != nil {
			return nil, fmt.Errorf("read the new rows of %s: %w", one.Table, err)
		}
		rows = append(rows, read)
	}
	return rows, nil
}

// Put inserts rows in one transaction, and counts them. A column that a table does not have, or
// makes itself, is left out.
func (s *store) Put(ctx context.Context, all []stack.CatchUp, rows [][]stack.Row) (written int64, err error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return 0, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	tx, err := c.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	for i, one := range all {
		if len(rows[i]) == 0 {
			continue
		}
		columns, err := tableColumns(ctx, c, one.Table)
		if err != nil {
			return 0, fmt.Errorf("table %s: %w", one.Table, err)
		}
		text, err := json.Marshal(without(rows[i], one.Set))
		if err != nil {
			return 0, err
		}
		tag, err := tx.Exec(ctx, putting(one, rows[i][0], columns), string(text))
		if err != nil {
			return 0, fmt.Errorf("insert into %s: %w", one.Table, err)
		}
		written += tag.RowsAffected()
	}
	return written, tx.Commit(ctx)
}

// without leaves out what the database gives itself, which another release may have in another type.
func without(rows []stack.Row, set map[string]string) (all []stack.Row) {
	for _, row := range rows {
		row = maps.Clone(row)
		for name := range set {
			delete(row, name)
		}
		all = append(all, row)
	}
	return all
}

// putting inserts the rows of the JSON list $1, which have the same columns all.
func putting(one stack.CatchUp, like stack.Row, columns map[string]string) string {
	var into, from, news []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		quoted := pgx.Identifier{name}.Sanitize()
		expression, set := one.Set[name]
		_, there := like[name]
		if !set && !there {
			continue
		}
		if !set {
			expression = "fresh." + quoted
			news = append(news, quoted+" = EXCLUDED."+quoted)
		}
		into, from = append(into, quoted), append(from, expression)
	}
	conflict := "DO NOTHING"
	if one.Update != "" {
		conflict = "(" + one.Update + ") DO UPDATE SET " + strings.Join(news, ", ")
	}
	return fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM json_populate_recordset(NULL::%[1]s, $1::json) "+
		"AS fresh ON CONFLICT %[4]s", one.Table, strings.Join(into, ", "), strings.Join(from, ", "), conflict)
}
