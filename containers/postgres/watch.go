package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/oauthbench/oauthbench/bench"
)

// Watch looks at the connections of the server's database until the context is done. It has a
// connection of its own, to the maintenance database: none of it is counted as the server's.
func (s *store) Watch(ctx context.Context, every time.Duration) (bench.Waits, error) {
	var w bench.Waits
	maintenance := *s.dsn
	maintenance.Path = "/postgres"
	c, err := pgx.Connect(ctx, maintenance.String())
	if err != nil {
		return w, fmt.Errorf("watch the database: %w", withoutPassword(err, s.dsn))
	}
	defer c.Close(context.WithoutCancel(ctx))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return w, nil
		case <-tick.C:
		}
		if err := s.look(ctx, c, &w); err != nil {
			if ctx.Err() != nil {
				return w, nil
			}
			return w, fmt.Errorf("watch the database: %w", withoutPassword(err, s.dsn))
		}
	}
}

// look sees what every connection does now.
func (s *store) look(ctx context.Context, c *pgx.Conn, w *bench.Waits) error {
	rows, err := c.Query(ctx, `SELECT coalesce(wait_event_type, ''), coalesce(wait_event, ''),
		state IS DISTINCT FROM 'idle', count(*) FROM pg_stat_activity
		WHERE datname = $1 AND backend_type = 'client backend' GROUP BY 1, 2, 3`, s.database)
	if err != nil {
		return err
	}
	var kind, name string
	var busy bool
	var n int64
	var seen bench.Waits
	_, err = pgx.ForEachRow(rows, []any{&kind, &name, &busy, &n}, func() error {
		seen.Saw(n, busy, kind, name)
		return nil
	})
	if err == nil { // A look that was cut off counts for nothing.
		seen.Looks = 1
		*w = *w.Plus(&seen)
	}
	return err
}
