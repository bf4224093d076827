package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// storedTrials runs the program once and reads what it measured, warm-ups included: a
// wrong answer counts whenever it comes.
func storedTrials(t *testing.T, args ...string) (code int, trials []bench.Trial) {
	t.Helper()
	dir := t.TempDir()
	code, _, stderr := oauthbench(t, dir,
		append([]string{"run", "--duration", "2s", "--timeout", "30s", "--out", "run"}, args...)...)
	f, err := os.Open(filepath.Join(dir, "run", "run.jsonl"))
	if err != nil {
		t.Fatalf("%q: exit %d, %s", args, code, stderr)
	}
	defer f.Close()
	run, err := bench.ReadRun(f)
	if err != nil {
		t.Fatal(err)
	}
	return code, run.Trials
}

// needTime skips what starts a server for each case, in -short.
func needTime(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts many servers")
	}
}

// Every scenario that fits a generation of the embedded server is answered rightly by
// it, with its tokens of either kind, and whatever proves who the clients are. Hashing
// secrets is made cheap, for it says nothing of answers.
func TestEveryScenarioOnTheEmbeddedServer(t *testing.T) {
	t.Parallel()
	needTime(t)
	for _, c := range []struct{ target, flags string }{
		{quickly + "&tls=on", "--client-auth tls_client_auth"},
		{"embedded:v1?bcrypt_cost=4", ""},
		{quickly + "&tokens=jwt", "--clients 3 --audience https://api.example"},
		{quickly, "--dpop --client-auth private_key_jwt:ES256 --states " +
			"active=1,wrong-client=1,refresh=1,malformed=1"},
	} {
		t.Run(c.target+c.flags, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--target", c.target, "--rate", "10/s"}, strings.Fields(c.flags)...)
			names := fitting(t, c.target)
			code, trials := storedTrials(t, append(args, "--scenario", strings.Join(names, ","))...)
			if code != 0 {
				t.Errorf("exit %d", code)
			}
			seen := map[string]bool{}
			for _, trial := range trials {
				if trial.Unverified != "" {
					t.Errorf("unverified: %s", trial.Unverified)
				}
				for _, m := range trial.Measurements {
					seen[m.Operation] = true
					if m.Outcomes.Failed() > 0 {
						t.Errorf("%s: %+v, %v", m.Operation, m.Outcomes, m.Cases)
					}
					var counted int64
					for _, e := range m.Expectations {
						counted += e.Outcomes.Total()
					}
					if counted != m.Outcomes.Total() {
						t.Errorf("%s: %d arrivals, %d in the matrix", m.Operation, m.Outcomes.Total(), counted)
					}
				}
			}
			for _, operation := range scenarios.Operations(names) {
				if !seen[operation] {
					t.Errorf("%s was not measured", operation)
				}
			}
		})
	}
}

func fitting(t *testing.T, text string) []string {
	t.Helper()
	p := scenarios.Defaults()
	var names []string
	target, err := targets.Parse(text, plan.Default(plan.Run))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios.All {
		if s.Unfit(target.Can, p) == "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// Each planted fault of the embedded server is reported as what it is, and nothing
// else is reported.
func TestPlantedFaultsOfTheEmbeddedServer(t *testing.T) {
	t.Parallel()
	needTime(t)
	for _, c := range []struct {
		fault, scenario string
		cases           []string // the first must be found, and none but these; none: every answer was right
		facts           map[string]bool
	}{
		{"late_revocation=300ms", "revoke", nil, map[string]bool{scenarios.FactRevived: false}},
		// One that the oracle had no time for is only seen to live when the trial is over.
		{"revived=300ms", "revoke", []string{
			"revoked token is active again", "revoked token is still active after the trial",
			"revoked refresh token is still active after the trial"},
			map[string]bool{scenarios.FactRevived: true}},
		{"revoked_twice=on", "revoke", []string{"revoked token is active again after a second revocation"},
			map[string]bool{scenarios.FactRevived: false}},
		{"lost_revocation=1", "revoke",
			[]string{"revoked token is still active after the trial",
				"revoked refresh token is still active after the trial"},
			map[string]bool{scenarios.FactRevived: false}},
		{"short_life=1s", "token", []string{"issued token is not active"}, nil},
		{"wrong_scope=1", "token", []string{"token with another scope"}, nil},
		{"always_active=1", "introspect", []string{
			"revoked token called active", "expired token called active", "unknown token called active",
			"malformed token called active", "tampered token called active (first character changed)",
			"tampered token called active (character in the middle changed)",
			"tampered token called active (last character changed)", "tampered token called active (case swapped)",
			"tampered token called active (cut by one character)",
			"tampered token called active (one character appended)"}, nil},
		{"forged=on&tokens=jwt", "introspect", []string{
			"tampered token called active (signed by another key)", "tampered token called active (signature flipped)",
			"tampered token called active (signature left out)", "tampered token called active (signature of zeros)",
			"tampered token called active (signed by another key of another name)",
			"tampered token called active (alg none over its claims)",
			"tampered token called active (alg none in mixed case)",
			"tampered token called active (signed by a key in its own header)",
			"tampered token called active (HS256 with the public key as its secret)",
			"tampered token called active (first character changed)",
			"tampered token called active (character in the middle changed)",
			"tampered token called active (last character changed)",
			"tampered token called active (cut by one character)",
			"tampered token called active (one character appended)"}, nil},
		{"casefold=on", "introspect", []string{"tampered token called active (case swapped)"}, nil},
		{"prefix=on", "introspect", []string{"tampered token called active (last character changed)",
			"tampered token called active (cut by one character)",
			"tampered token called active (one character appended)"}, nil},
		{"unknown_key=0.2&tokens=jwt", "token", []string{"JWT signed by a key that is not published"}, nil},
		{"early_nbf=2m&tokens=jwt", "token", []string{"JWT with an nbf in the future"}, nil},
		{"short_exp=5s&tokens=jwt", "token", []string{"JWT with an exp before the end of its expires_in"}, nil},
		{"equal_jti=on&tokens=jwt", "token", []string{"JWT with the jti of another token"}, nil},
		{"other_sub=0.2@token&tokens=jwt", "token",
			[]string{"JWT with another sub than the client's other tokens"}, nil},
		{"introspected_exp=ms", "token", []string{"active token with an exp that is no number of seconds"}, nil},
		{"introspected_exp=late", "introspect",
			[]string{"active token with an exp long after the end of its expires_in"}, nil},
		{"same_token=on", "token", nil, nil},
		{"one_token=on", "token", nil, nil},
		{"killall=on", "revoke", []string{"token ended by the revocation of another of its client"}, nil},
		{"inactive_400=on", "introspect", []string{
			"revoked token refused, and not called inactive (RFC 7662 section 2.2)",
			"expired token refused, and not called inactive (RFC 7662 section 2.2)",
			"unknown token refused, and not called inactive (RFC 7662 section 2.2)"}, nil},
		{"inactive_400=on", "revoke", []string{"revoked token refused, and not called inactive (RFC 7662 section 2.2)"},
			nil},
		{"malformed_400=on", "introspect", nil, nil},
		{"inactive=1", "revoke", []string{"live token called inactive before its revocation"}, nil},
		{"jwt_unsupported=on&tokens=jwt", "token", nil, nil},
		{"inactive=1", "introspect", []string{"active token called inactive", "active refresh token called inactive"},
			nil},
		{"errors=0.5@introspect", "introspect", []string{"status 500 server_error"}, nil},
		{"error_burst=100ms/300ms@userinfo", "userinfo", []string{"status 500 server_error"}, nil},
		{"anyauth=on@token", "token",
			[]string{"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)"}, nil},
		{"noauth=on@token", "introspect",
			[]string{"token endpoint accepts no credentials (RFC 6749 section 3.2.1)"}, nil},
		{"anyauth=on@introspect", "token",
			[]string{"introspection endpoint accepts a wrong secret (RFC 7662 section 2.1)"}, nil},
		{"noauth=on@revoke", "revoke",
			[]string{"revocation endpoint accepts no credentials (RFC 7009 section 2.1)"}, nil},
		{"anyauth=on", "refresh", []string{
			"refresh accepts a wrong secret (RFC 6749 section 6)",
			"token endpoint accepts a wrong secret (RFC 6749 section 3.2.1)",
			"introspection endpoint accepts a wrong secret (RFC 7662 section 2.1)",
			"revocation endpoint accepts a wrong secret (RFC 7009 section 2.1)"}, nil},
		{"wrong_client=on", "revoke", []string{"token revoked by the wrong client"}, nil},
		// What only takes its time is no wrong answer.
		{"delay=20ms@token", "token", nil, nil},
		{"delay_lognormal=5ms/1@device", "device", nil, nil},
		{"delay_every=3/20ms@revoke", "revoke", nil, map[string]bool{scenarios.FactRevived: false}},
		{"slowdown=0.3@token", "refresh", nil, nil},
		{"burn=0.3", "refresh", nil, nil},
		{"stall=200ms/1s@introspect", "introspect", nil, nil},
		{"stall_once=500ms/1s@jwks", "jwks", nil, nil},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			args := []string{"--target", quickly + "&fault." + c.fault, "--scenario", c.scenario, "--rate", "30/s"}
			if c.scenario == "revoke" {
				args = append(args, "--oracle-share", "1")
			}
			_, trials := storedTrials(t, args...)
			found, facts := map[string]int64{}, map[string]int64{}
			for _, trial := range trials {
				for name, n := range trial.Facts {
					facts[name] += n
				}
				for _, f := range trial.Flaws {
					found[f.What]++
				}
				for _, m := range trial.Measurements {
					for name, n := range m.Cases {
						found[name] += n
					}
				}
				for _, f := range trial.Flaws {
					found[f.What]++
				}
			}
			for _, name := range slices.Sorted(maps.Keys(found)) {
				if !slices.Contains(c.cases, name) {
					t.Errorf("%q was found, too", name)
				}
			}
			if len(c.cases) > 0 && found[c.cases[0]] == 0 {
				t.Errorf("%v; want %q", found, c.cases[0])
			}
			for name, want := range c.facts {
				if (facts[name] > 0) != want {
					t.Errorf("facts %v; want %s: %v", facts, name, want)
				}
			}
		})
	}
}

// Without grace a retry kills its chain; with grace none dies.
func TestGraceOfRefreshTokensIsSeen(t *testing.T) {
	t.Parallel()
	needTime(t)
	for _, c := range []struct {
		grace string
		dead  bool
	}{{"0s", true}, {"30s", false}} {
		t.Run(c.grace, func(t *testing.T) {
			t.Parallel()
			_, trials := storedTrials(t, "--target", quickly+"&refresh_grace="+c.grace, "--scenario",
				"refresh-retry", "--rate", "20/s")
			var retried, killed int64
			for _, trial := range trials {
				retried, killed = retried+trial.Facts[scenarios.FactRetries],
					killed+trial.Facts[scenarios.FactChainsKilled]
			}
			if retried == 0 || (killed == retried) != c.dead || (killed == 0) == c.dead {
				t.Errorf("%d of %d chains killed", killed, retried)
			}
		})
	}
}

// Every scenario that fits a real server is answered rightly by it.
//
// Note: Hydra 1.x refuses the reuse of a refresh token with 401 token_inactive, which RFC
// 6749 section 5.2 does not know. With its usual cost of BCrypt it cannot carry all
// scenarios at once.
func TestEveryScenarioOnRealServers(t *testing.T) {
	needContainers(t)
	for _, text := range []string{"hydra:v1.11.10?bcrypt_cost=4", "hydra:v2.3.0", "hydra:v26.2.0", "reference:v2",
		"glewlwyd:2.7.6"} {
		t.Run(text, func(t *testing.T) {
			names := fitting(t, text)
			args := []string{"--target", text, "--rate", "4/s", "--offline", "--scenario", strings.Join(names, ",")}
			if strings.HasPrefix(text, "reference") {
				args = append(args, "--binary", staticProgram(t))
			}
			_, trials := storedTrials(t, args...)
			for _, trial := range trials {
				if trial.Unverified != "" {
					t.Errorf("unverified: %s", trial.Unverified)
				}
				for _, m := range trial.Measurements {
					wrong := m.Outcomes.Rejected + m.Outcomes.Invalid
					if m.Operation == "refresh-retry" && strings.HasPrefix(text, "hydra:v1.") {
						wrong -= m.Cases["status 401 token_inactive"]
					}
					if wrong > 0 {
						t.Errorf("%s: %+v, %v", m.Operation, m.Outcomes, m.Cases)
					}
				}
			}
		})
	}
}
