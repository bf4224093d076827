package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// plantedFault is one fault of the candidate and what a comparison must say of it.
type plantedFault struct {
	fault, scenario string
	says            []string // in the reasons: each of them, and nothing of what is wrong with others
	alike           bool     // The fault is planted in both versions as well.
	// follows is what is wrong with others and follows from this fault too.
	follows []string
}

// plantedFaults are those that make answers wrong.
var plantedFaults = []plantedFault{
	{"anyauth=on", "token", []string{"accepts a wrong secret"}, true, nil},
	{"noauth=on", "token", []string{"accepts no credentials"}, false, nil},
	{"casefold=on", "introspect", []string{"(case swapped)"}, false, nil},
	{"prefix=on", "introspect", []string{"(last character changed)", "(cut by one character)",
		"(one character appended)"}, true, nil},
	{"killall=on", "revoke", []string{"token ended by the revocation of another of its client"}, true, nil},
	{"lost_revocation=0.1", "revoke", []string{"is still active after the trial"}, false, nil},
	{"wrong_client=on", "revoke", []string{"token revoked by the wrong client"}, false, nil},
	{"inactive_400=on", "introspect", []string{"refused, and not called inactive"}, false, nil},
	{"introspected_exp=ms", "token", []string{"active token with an exp that is no number of seconds"}, true, nil},
	{"introspected_exp=late", "token", []string{"active token with an exp long after the end"}, false, nil},
	{"dies_at=120", "token", []string{"died under load"}, false, nil},
	{"errors=0.1", "token", []string{"had no right answer"}, false, nil},
	{"forged=on&tokens=jwt", "introspect", []string{"signature flipped", "signature left out",
		"signature of zeros", "alg none", "signed by another key",
		"signed by a key in its own header", "HS256 with the public key", "(last character changed)",
		"(cut by one character)", "(one character appended)", "(first character changed)",
		"(character in the middle changed)"}, false, nil},
	{"short_exp=5s&tokens=jwt", "token", []string{"JWT with an exp before the end of its expires_in"}, true, nil},
	{"unknown_key=0.02&tokens=jwt", "token", []string{"JWT signed by a key that is not published"}, false, nil},
	{"early_nbf=2m&tokens=jwt", "token", []string{"JWT with an nbf in the future"}, false, nil},
	{"equal_jti=on&tokens=jwt", "token", []string{"JWT with the jti of another token"}, false, nil},
	{"other_sub=0.1@token&tokens=jwt", "token", []string{"JWT with another sub than the client's other tokens"}, true,
		nil},
	{"revived=300ms", "revoke", []string{"revoked token is active again"}, false,
		[]string{"is still active after the trial"}}, // of those that the oracle had no time for
	{"revoked_twice=on", "revoke", []string{"revoked token is active again after a second revocation"}, true, nil},
	{"late_revocation=20s", "revoke", []string{"is still active after the trial"}, false, nil},
	{"always_active=1", "introspect", []string{"unknown token called active", "revoked token called active"}, true,
		[]string{"(case swapped)", "(last character changed)", "(cut by one character)", "(one character appended)",
			"(first character changed)", "(character in the middle changed)"}},
	{"wrong_scope=0.1", "token", []string{"token with another scope"}, true, nil},
	{"short_life=1s", "token", []string{"issued token is not active"}, true, nil},
	{"short_life=1s", "introspect", []string{"active token called inactive"}, false, nil},
}

// A comparison convicts a candidate with a planted fault of that fault and of nothing else,
// with JWTs and with opaque tokens. Where both versions have it, what is wrong is said just
// so, and the candidate is not called worse.
func TestComparisonConvictsOfThePlantedFault(t *testing.T) {
	t.Parallel()
	needTime(t)
	for _, c := range plantedFaults {
		for _, alike := range []bool{false, true} {
			if alike && !c.alike {
				continue
			}
			name := c.fault
			if alike {
				name += ", both"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				code, reasons := comparedByFault(t, c, alike)
				if code != exitcode.Regression {
					t.Errorf("exit %d; want %d\n%s", code, exitcode.Regression, reasons)
				}
				for _, words := range c.says {
					// Which near misses a seed draws is luck; the others are asked beside the load.
					if !strings.Contains(reasons, words) {
						t.Errorf("%q is not among\n%s", words, reasons)
					}
				}
				for _, other := range plantedFaults {
					for _, words := range other.says {
						if strings.Contains(reasons, words) && !contains(c.says, words) && !contains(c.follows, words) {
							t.Errorf("%q is among\n%s", words, reasons)
						}
					}
				}
				if worse := strings.HasPrefix(strings.TrimSpace(reasons), "REGRESSION:"); worse == alike {
					t.Errorf("planted in both %v, called worse %v:\n%s", alike, worse, reasons)
				}
			})
		}
	}
}

// A server that gives the same token until it expires, or one at a time, is not wrong: a
// comparison of tokens says nothing against it, and what cannot be measured there is refused.
func TestOneTokenIsNoFault(t *testing.T) {
	t.Parallel()
	needTime(t)
	for _, fault := range []string{"same_token=on", "one_token=on"} {
		for _, scenario := range []string{"token", "revoke"} {
			t.Run(fault+" "+scenario, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				code, stdout, stderr := oauthbench(t, dir, "compare", "--baseline", quickly, "--candidate",
					quickly+"&fault."+fault, "--scenario", scenario, "--rate", "60/s", "--out", "x")
				if scenario == "revoke" {
					if code != exitcode.NoTarget || !strings.Contains(stderr, "token") {
						t.Errorf("exit %d: %s; want it to be refused", code, stderr)
					}
					return
				}
				for _, reason := range readVerdict(t, filepath.Join(dir, "x")).Reasons {
					if strings.Contains(reason, "wrong") || strings.Contains(reason, "beside the load") {
						t.Errorf("%s\n%s", reason, stdout)
					}
				}
			})
		}
	}
}

// comparedByFault runs a comparison, and returns its decision's words with all its reasons.
func comparedByFault(t *testing.T, c plantedFault, alike bool) (code int, reasons string) {
	t.Helper()
	candidate, baseline := quickly+"&fault."+c.fault, quickly
	if strings.Contains(c.fault, "tokens=jwt") {
		baseline += "&tokens=jwt"
	}
	if alike {
		baseline = candidate
	}
	rate := "60/s"
	if c.scenario == "token" {
		rate = "150/s" // One in fifty is seen for sure.
	}
	dir := t.TempDir()
	args := []string{"compare", "--baseline", baseline, "--candidate", candidate, "--scenario", c.scenario,
		"--rate", rate, "--out", "x"}
	if c.scenario == "revoke" {
		args = append(args, "--oracle-share", "1")
	}
	code, stdout, stderr := oauthbench(t, dir, args...)
	data, err := os.ReadFile(filepath.Join(dir, "x", "verdict.json"))
	if err != nil {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if !strings.Contains(string(data), string(verdict.Regression)) &&
		!strings.Contains(string(data), string(verdict.Failed)) {
		t.Errorf("no decision in %s", data)
	}
	sentence := strings.SplitN(stdout, "\n", 3)
	return code, sentence[0] + "\n" + sentence[1] + "\n" +
		strings.Join(readVerdict(t, filepath.Join(dir, "x")).Reasons, "\n")
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if strings.Contains(s, one) || strings.Contains(one, s) {
			return true
		}
	}
	return false
}
