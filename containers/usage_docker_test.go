package containers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// TestUsage checks that what is read grows with what is done, on every kind of server: on the
// newest version of each, and on the oldest of the first.
func TestUsage(t *testing.T) {
	targets := []string{Servers[0].Tested[0]}
	for _, s := range Servers {
		targets = append(targets, s.Tested[len(s.Tested)-1])
	}
	for _, target := range targets {
		t.Run(target, func(t *testing.T) {
			s := start(t, target, optionsOf(t, target))
			ctx := t.Context()
			cred, err := s.RegisterClient(ctx, oauth.ClientSpec{
				Name: "usage", AuthMethod: oauth.AuthBasic, GrantTypes: []string{"client_credentials"}, Scope: "read",
			})
			if err != nil {
				t.Fatal(err)
			}
			const requests = 50
			begin := time.Now()
			s.ResetPeak()
			before := s.Spent()
			for range requests {
				if status, body := send(t, ctx,
					oauth.ClientCredentials(s.Endpoints().Token, cred, "read")); status != http.StatusOK {
					t.Fatalf("token: %d %s", status, body)
				}
			}
			elapsed := time.Since(begin)
			after := s.Spent()
			if before.Counters == nil || after.Counters == nil {
				t.Fatalf("no counters: %+v, %+v", before, after)
			}
			work := after.Counters.Since(*before.Counters)
			server, database := after.Server.CPU-before.Server.CPU, after.Database.CPU-before.Database.CPU
			t.Logf("%d requests in %v: server %v, %d MB; database %v, %d MB; %d statements (%.1f a request) in %v; "+
				"WAL %d bytes",
				requests, elapsed.Round(time.Millisecond), server, after.Server.PeakRSS>>20, database,
				after.Database.PeakRSS>>20,
				work.Calls(), float64(work.Calls())/requests, work.Time().Round(time.Microsecond), work.WALBytes)
			for _, st := range work.Statements[:min(4, len(work.Statements))] {
				t.Logf("%5d calls %10v  %.80s", st.Calls, st.Time.Round(time.Microsecond), st.Text)
			}
			if !after.Server.Known || !after.Database.Known || server <= 0 || database <= 0 ||
				after.Server.PeakRSS <= 0 || after.Database.PeakRSS <= 0 {
				t.Errorf("Spent = %+v; want CPU and memory of both", after)
			}
			if work.Calls() < requests {
				t.Errorf("%d statements for %d requests", work.Calls(), requests)
			}
			ours := strings.HasPrefix(target, "reference:")
			keycloak := strings.HasPrefix(target, "keycloak:") // It tells its heap, and stores no token.
			if r := after.Runtime; (r != nil) != (ours || strings.HasPrefix(target, "hydra:") || keycloak) {
				t.Errorf("Runtime = %+v; want it of servers with metrics, and of them only", r)
			} else if r != nil {
				t.Logf("heap %d MB, %d goroutines, RSS %d MB", r.Heap>>20, r.Goroutines, r.RSS>>20)
			}
			if (after.Pools != nil) != (ours || keycloak) {
				t.Errorf("Pools = %+v; want them of the reference server and Keycloak, and of them only", after.Pools)
			}
			if jvm := keycloak || strings.HasPrefix(target, "spring:"); after.Compilers.Known != jvm {
				t.Errorf("Compilers = %+v; want them of a JVM, and of it only", after.Compilers)
			}
			if err := s.AtRest(ctx); err != nil {
				t.Fatal(err)
			}
			if c := s.Spent().Counters; c == nil || !keycloak && c.Since(*before.Counters).RowsInserted < requests {
				t.Errorf("at rest the counters are %+v, %+v before; want a row for each request", c, before.Counters)
			}
			if err := s.Restart(ctx); err != nil {
				t.Fatal(err)
			}
			if again := s.Spent(); !again.Server.Known || !again.Database.Known {
				t.Errorf("after a restart Spent = %+v; want it known", again)
			} else if again.Server.CPU >= after.Server.CPU && target == "hydra:v1.11.10" {
				t.Errorf("after a restart the server has spent %v, before it %v: it is the old process",
					again.Server.CPU, after.Server.CPU)
			}
		})
	}
}
