package targets

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// header is that of a stored run, with a change.
func header(change func(*bench.Run)) bench.Header {
	p := plan.Default(plan.Compare)
	p.Baseline, p.Candidate, p.Seed, p.Scenarios = "embedded:v2", "embedded:v2?tokens=jwt", 7, []string{"token"}
	deployment := func(name string) bench.Deployment {
		return bench.Deployment{
			Name: name, Server: "embedded", Version: "v2", Database: "sqlite",
			Settings: map[string]string{"hasher": "pbkdf2", "tokens": "opaque"},
		}
	}
	run := bench.Run{Header: bench.Header{
		Seed: 7, Plan: p.JSON(), Environment: bench.Environment{OS: "linux", Arch: "amd64", CPU: "Example CPU",
			Cores: 2, GOMAXPROCS: 2},
		Deployments: map[bench.Role]bench.Deployment{bench.Baseline: deployment(p.Baseline),
			bench.Candidate: deployment(p.Candidate)},
		Loads: []bench.Load{{
			Process: "poisson", Streams: []bench.Stream{{Scenario: "token", Rate: 100}}, LeadIn: 500 * time.Millisecond,
			Length: 10500 * time.Millisecond, Timeout: 10 * time.Second, Workers: 64,
		}},
	}}
	if change != nil {
		change(&run)
	}
	return run.Header
}

func TestGuardComparesLikeWithLike(t *testing.T) {
	settings := func(r *bench.Run) map[string]string { return r.Deployments[bench.Candidate].Settings }
	for _, c := range []struct {
		what   string
		change func(*bench.Run)
		allow  []string
		want   string // in the error; "" when they may be compared
		named  int    // differences that are allowed
	}{
		{"the same again", func(*bench.Run) {}, nil, "", 0},
		{"other requests", func(r *bench.Run) {
			r.Seed = 8
		}, nil, "seed (7, now 8); measure alike, or name what may differ: --allow seed", 0},
		{"named", func(r *bench.Run) { r.Seed = 8 }, []string{"seed"}, "", 1},
		{"one named of two", func(r *bench.Run) {
			r.Seed = 8
			settings(r)["hasher"] = "bcrypt"
		}, []string{"seed"}, "hasher (pbkdf2, now bcrypt)", 0},
		{"both named", func(r *bench.Run) {
			r.Seed = 8
			settings(r)["hasher"] = "bcrypt"
		}, []string{"seed", "hasher"}, "", 2},
		{"a setting that is new", func(r *bench.Run) { settings(r)["cache"] = "on" }, nil, "cache (none, now on)", 0},
		{"a setting that is gone", func(r *bench.Run) {
			delete(settings(r), "hasher")
		}, nil, "hasher (pbkdf2, now none)", 0},
		{"another rate", func(r *bench.Run) {
			r.Loads[0].Streams[0].Rate = 120
		}, nil, "rate (token 100/s, now token 120/s)", 0},
		{"another mix", func(r *bench.Run) {
			r.Loads[0].Streams[0].Scenario = "revoke"
		}, nil, "mix (token, now revoke)", 0},
		{"other arrivals", func(r *bench.Run) { r.Loads[0].Process = "constant" }, nil, "process", 0},
		{"another lead-in", func(r *bench.Run) { r.Loads[0].LeadIn = 0 }, nil, "lead-in", 0},
		{"another timeout", func(r *bench.Run) { r.Loads[0].Timeout = time.Second }, nil, "timeout (10s, now 1s)", 0},
		{"another transport", func(r *bench.Run) {
			r.Loads[0].Transport = bench.Sync
		}, nil, "transport (std, now sync)", 0},
		{"another limit", func(r *bench.Run) { r.Loads[0].Workers = 4 }, nil, "workers (64, now 4)", 0},
		{"trials a little longer: servers took longer to start", func(r *bench.Run) {
			r.Loads[0].Length = 11 * time.Second
		}, nil, "", 0},
		{"trials much longer", func(r *bench.Run) {
			r.Loads[0].Length = 14 * time.Second
		}, nil, "length (10.5s, now 14s)", 0},
		{"another design", func(r *bench.Run) {
			r.Plan = []byte(`{"profile":"ci","rates":{}}`)
		}, nil, "profile (quick, now ci)", 0},
		{"another machine", func(r *bench.Run) { r.Environment.Cores = 4 }, nil, "--allow machine", 0},
		{"another database", func(r *bench.Run) {
			d := r.Deployments[bench.Candidate]
			d.Database = "postgres"
			r.Deployments[bench.Candidate] = d
		}, nil, "database (sqlite, now postgres)", 0},
		{"another version is what is compared", func(r *bench.Run) {
			d := r.Deployments[bench.Candidate]
			d.Version, d.Name, d.Image, d.Digest = "v3", "embedded:v3", "i", "d"
			r.Deployments[bench.Candidate] = d
		}, nil, "", 0},
		{"the other side does not matter", func(r *bench.Run) {
			r.Deployments[bench.Baseline].Settings["hasher"] = "bcrypt"
		}, nil, "", 0},
		{"a misspelt name", func(*bench.Run) {

		}, []string{"hahser"}, `--allow "hahser": no such property: did you mean hasher?`,
			0},
	} {
		then, err := Fingerprint(header(nil), bench.Candidate)
		if err != nil {
			t.Fatal(err)
		}
		now, err := Fingerprint(header(c.change), bench.Candidate)
		if err != nil {
			t.Fatal(err)
		}
		allowed, err := Guard(then, now, c.allow)
		if (err == nil) != (c.want == "") || !strings.Contains(fmt.Sprint(err), c.want) && c.want != "" ||
			len(allowed) != c.named {
			t.Errorf("%s: %v and %v; want %q and %d", c.what, err, allowed, c.want, c.named)
		}
	}
}
