package scenarios

import (
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench/generator"
)

// workload prepares one trial of a scenario against the fake server.
func workload(t testing.TB, s *fakeServer, p Parameters, name string, ask Ask) generator.Workload {
	t.Helper()
	chosen, err := Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	client := generator.NewClientTransport(time.Second, s)
	p.PrepareRate = 0
	// Tokens that must expire take their time, and nothing here needs them.
	p.States = map[string]float64{stateActive: 80, stateRevoked: 20}
	source, err := chosen[0].Open(t.Context(),
		Target{Server: s, Scope: DefaultScope, HTTP: client.HTTP(), Parallel: 4, Parameters: p, handover: &handover{}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := source.Prepare(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The send path makes nothing: all that a request needs was made before the clock.
func TestRequestsAllocateNothing(t *testing.T) {
	const n = 200
	for _, s := range All {
		for _, auth := range []string{"client_secret_basic", "private_key_jwt:ES256"} {
			p := Defaults()
			if err := p.SetClientAuth(auth); err != nil {
				t.Fatal(err)
			}
			w := workload(t, newFakeServer(), p, s.Name,
				Ask{Count: n, Seed: 1, Length: time.Minute, InFlight: 1, Timeout: time.Second})
			var target vegeta.Target
			i := 0
			if got := testing.AllocsPerRun(n-1, func() { w.Request(i, &target); i++ }); got != 0 {
				t.Errorf("%s with %s: %v allocations for a request", s.Name, auth, got)
			}
		}
	}
}

// BenchmarkRequest is what the send path costs for each arrival, by scenario.
func BenchmarkRequest(b *testing.B) {
	const n = 1000
	for _, s := range All {
		b.Run(s.Name, func(b *testing.B) {
			w := workload(b, newFakeServer(), Defaults(), s.Name,
				Ask{Count: n, Seed: 1, Length: time.Minute, InFlight: 16, Timeout: time.Second})
			var target vegeta.Target
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				w.Request(i%n, &target)
			}
		})
	}
}
