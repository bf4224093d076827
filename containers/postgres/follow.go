package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/containers/tokenrows"
)

// followed is the schema that has all that following makes, so that it goes with it.
const followed = "oauthbench_followed"

// Follow writes down from now on what becomes of the rows of tables, by triggers: one more row for each
// token that is made to replace another, or that ends. Making them waits until nobody writes to the
// tables, for a moment.
func (s *store) Follow(ctx context.Context, tables []tokenrows.Table) error {
	if err := s.Exec(ctx, following(tables)); err != nil {
		return fmt.Errorf("make triggers: %w", err)
	}
	return nil
}

// Unfollow removes the triggers and what they wrote; where there are none, nothing.
func (s *store) Unfollow(ctx context.Context) error {
	if err := s.Exec(ctx, "DROP SCHEMA IF EXISTS "+followed+" CASCADE"); err != nil {
		return fmt.Errorf("remove triggers: %w", err)
	}
	return nil
}

// following is the script of Follow. What a script before it has left half-way goes first.
func following(tables []tokenrows.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, `BEGIN; DROP SCHEMA IF EXISTS %[1]s CASCADE; CREATE SCHEMA %[1]s;
CREATE TABLE %[1]s.changes (number bigserial PRIMARY KEY, transaction bigint NOT NULL DEFAULT txid_current(),
	at timestamptz NOT NULL DEFAULT clock_timestamp(), made boolean NOT NULL, mark text NOT NULL, grant_name text,
	client text, subject text);
`, followed)
	for i, t := range tables {
		write := func(made bool, row string) string {
			values := []string{fmt.Sprint(made)}
			for _, column := range []string{t.Mark, t.Grant, t.Client, t.Subject} {
				if column == "" {
					values = append(values, "NULL")
					continue
				}
				values = append(values, row+"."+pgx.Identifier{column}.Sanitize())
			}
			return "INSERT INTO " + followed + ".changes (made, mark, grant_name, client, subject) VALUES (" +
				strings.Join(values, ", ") + ");"
		}
		live := func(row string) string { return "(" + strings.ReplaceAll(t.Live, "row.", row+".") + ")" }
		events := "UPDATE OR DELETE"
		if t.Refresh {
			events = "INSERT OR " + events
		}
		fmt.Fprintf(&b, `CREATE FUNCTION %[1]s.saw_%[2]d() RETURNS trigger LANGUAGE plpgsql AS $saw$ BEGIN
	IF TG_OP = 'INSERT' THEN
		IF %[4]s THEN %[7]s END IF;
	ELSIF TG_OP = 'DELETE' THEN
		IF %[3]s THEN %[6]s END IF;
	ELSIF %[3]s AND NOT %[4]s THEN %[6]s
	END IF;
	RETURN NULL;
END $saw$;
CREATE TRIGGER oauthbench_followed AFTER %[5]s ON %[8]s FOR EACH ROW EXECUTE FUNCTION %[1]s.saw_%[2]d();
`, followed, i, live("OLD"), live("NEW"), events, write(false, "OLD"), write(true, "NEW"), t.Name)
	}
	b.WriteString("COMMIT;")
	return b.String()
}

// Followed are the changes so far, in order.
func (s *store) Followed(ctx context.Context) ([]tokenrows.Change, error) {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return nil, withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	rows, err := c.Query(ctx, `SELECT transaction, at, made, mark, coalesce(grant_name, ''), coalesce(client, ''),
		coalesce(subject, '') FROM `+followed+`.changes ORDER BY number`)
	if err != nil {
		return nil, fmt.Errorf("read what triggers wrote: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x tokenrows.Change, err error) {
		return x, row.Scan(&x.Transaction, &x.At, &x.Made, &x.Mark, &x.Grant, &x.Client, &x.Subject)
	})
	if err != nil {
		return nil, fmt.Errorf("read what triggers wrote: %w", err)
	}
	return all, nil
}

// Run runs statements with the same arguments in one transaction.
func (s *store) Run(ctx context.Context, statements []string, arguments ...any) error {
	c, err := pgx.Connect(ctx, s.dsn.String())
	if err != nil {
		return withoutPassword(err, s.dsn)
	}
	defer c.Close(context.WithoutCancel(ctx))
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement, arguments...); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}
