package cli

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/planflags"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// falseAlarmVariable tells how many requests of each scenario a right server is asked.
const falseAlarmVariable = "OAUTHBENCH_FALSE_ALARMS"

// A right server is never called wrong, however much it is asked: the first case has
// all the requests of each scenario, the others a tenth of them. Hashing secrets is made
// cheap, for it says nothing of answers.
func TestNoFalseAlarmInManyRequests(t *testing.T) {
	requests, err := strconv.Atoi(os.Getenv(falseAlarmVariable))
	if err != nil {
		t.Skip(falseAlarmVariable + "=100000 asks a right server that often, for half an hour on two cores")
	}
	const target = "embedded:v2?pbkdf2_rounds=1"
	for _, c := range []struct {
		name, target, flags string
		share               int // one of so many requests
	}{
		{"basic", target, "--clients 10 --subjects 1000", 1},
		{"jwt", target + "&tokens=jwt&refresh_grace=30s",
			"--client-auth client_secret_post --audience https://api.example --clients 1000 --subjects 1000", 10},
		{"dpop", target, "--dpop --client-auth private_key_jwt:ES256 --states " +
			"active=1,revoked=1,expired=1,unknown=1,malformed=1,refresh=1,wrong-client=1", 10},
		{"tls", target + "&tls=on&tokens=jwt",
			"--client-auth tls_client_auth --refresh-share 0.5 --wrong-client-share 0.2 --oracle-share 1", 10},
		{"assertion", target, "--client-auth client_secret_jwt --chain-length 1 --retry-gap 0s", 10},
		{"public", target, "--client-auth none --chain-length 100", 10},
		{"v1", "embedded:v1?bcrypt_cost=4", "", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range append(scenarios.Names(), scenarios.Mixed) {
				t.Run(name, func(t *testing.T) {
					askOften(t, name, append([]string{"--target", c.target}, strings.Fields(c.flags)...),
						requests/c.share)
				})
			}
		})
	}
}

// askOften sends at least so many requests of one scenario, open-loop at what the server
// can well carry, and fails at each answer that is not as expected.
func askOften(t *testing.T, scenario string, flags []string, requests int) {
	cmd := runCommand()
	arguments := append(flags, "--scenario", scenario, "--prepare-rate", "0", "--timeout", "30s", "--duration", "20s")
	if err := cmd.ParseFlags(arguments); err != nil {
		t.Fatal(err)
	}
	p, err := planflags.Read(cmd, plan.Run)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := targets.Parse(p.Candidate, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := asked.Fit(p); err != nil {
		t.Skip(err)
	}
	var total bench.Outcomes
	for seed := 1; total.Total() < int64(requests); seed++ {
		before := total.Total()
		_, trials := storedTrials(t, append(arguments, "--seed", strconv.Itoa(seed))...)
		for _, trial := range trials {
			if trial.Unverified != "" {
				t.Errorf("unverified: %s", trial.Unverified)
			}
			for _, m := range trial.Measurements {
				total.Merge(m.Outcomes)
				if m.Outcomes.Failed() > 0 {
					t.Errorf("trial with seed %d: %s: %+v, %v", trial.Seed, m.Operation, m.Outcomes, m.Cases)
				}
			}
		}
		if total.Total() == before {
			t.Fatal("nothing was asked")
		}
	}
	t.Logf("%s: %+v", scenario, total)
}
