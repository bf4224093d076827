package containers

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// What the connections of a server to its database wait for is seen while requests run: nothing at
// rest, a row that all of them change, commits that take long.
func TestWaitsAreSeen(t *testing.T) {
	const target = "reference:v2?db=postgres:17&hasher=pbkdf2&pbkdf2_rounds=1"
	s := start(t, target, optionsOf(t, target))
	ctx := t.Context()
	cred, err := s.RegisterClient(ctx, oauth.ClientSpec{
		Name: "waits", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: "read",
	})
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if err := s.Rehearsed().Exec(ctx, statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	// load keeps requests in flight until the connections were looked at a few times, and is what was seen.
	load := func() *bench.Waits {
		stop := Watch(s)
		until := time.Now().Add(2 * time.Second)
		var workers sync.WaitGroup
		for range 12 {
			workers.Go(func() {
				for time.Now().Before(until) {
					status, body := send(t, ctx, oauth.ClientCredentials(s.Endpoints().Token, cred, "read"))
					if status != http.StatusOK {
						t.Errorf("token: %d %s", status, body)
						return
					}
				}
			})
		}
		workers.Wait()
		w := stop()
		if w == nil || w.Busy == 0 || t.Failed() {
			t.Fatalf("%+v was seen of connections under load", w)
		}
		return w
	}
	largest := func(w *bench.Waits) (largest bench.WaitClass, share float64) {
		seen := map[bench.WaitClass]int64{}
		for _, e := range w.Events {
			seen[e.Class()] += e.Seen
			if seen[e.Class()] >= seen[largest] {
				largest = e.Class()
			}
		}
		return largest, float64(seen[largest]) / float64(w.Busy)
	}

	exec("CREATE TABLE public.planted (n bigint); INSERT INTO public.planted VALUES (0)",
		`CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN UPDATE public.planted SET n = n + 1; PERFORM pg_sleep(0.01); RETURN NEW; END'`)
	plant := `DO $$ DECLARE t record; BEGIN FOR t IN SELECT schemaname, tablename FROM pg_tables
		WHERE tablename LIKE '%token%' LOOP
		EXECUTE format($q$STATEMENT$q$, t.schemaname, t.tablename); END LOOP; END $$`
	exec(strings.ReplaceAll(plant, "STATEMENT",
		"CREATE TRIGGER planted BEFORE INSERT ON %I.%I FOR EACH ROW EXECUTE FUNCTION public.planted()"))
	w := load()
	if class, share := largest(w); class != bench.WaitLock || share < 0.5 {
		t.Errorf("a row that all change: %s, %.2f of busy connections (%+v)", class, share, w)
	}
	exec(strings.ReplaceAll(plant, "STATEMENT", "DROP TRIGGER planted ON %I.%I"),
		"ALTER SYSTEM SET commit_delay = 50000", "ALTER SYSTEM SET commit_siblings = 0", "SELECT pg_reload_conf()")
	w = load()
	if class, share := largest(w); class != bench.WaitCommit || share < 0.5 {
		t.Errorf("slow commits: %s, %.2f of busy connections (%+v)", class, share, w)
	}
	for span := time.Second; ; span *= 2 { // A busy machine takes its time for a look.
		stop := Watch(s)
		<-time.After(span)
		w = stop()
		if w != nil && w.Looks > 0 || span > time.Minute {
			break
		}
	}
	if w == nil || w.Looks == 0 || w.Busy > 0 {
		t.Errorf("at rest: %+v; want connections that are idle", w)
	}
}
