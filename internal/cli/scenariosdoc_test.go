package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

var update = flag.Bool("update", false, "write docs/scenarios.md anew")

// documented are the servers whose columns the page has, oldest first.
var documented = []string{"embedded:v1", "embedded:v2", "hydra:v1.9.0", "hydra:v1.11.10", "hydra:v2.3.0",
	"hydra:v25.4.0", "glewlwyd:2.7.6", "keycloak:26.7.3", "oidc-provider:9.13.3", "spring:7.0.2"}

// docs/scenarios.md is made of the lists that the program itself works with.
func TestScenariosPage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "scenarios.md")
	want := scenariosPage(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/scenarios.md is not what the code says: go test ./internal/cli -run TestScenariosPage -update")
	}
}

// docs/method.md has a row for each check of the code, with what it cannot see.
func TestChecksAreDocumented(t *testing.T) {
	const begin, end = "<!-- Generated: go test ./internal/cli -run TestChecksAreDocumented -update -->\n",
		"<!-- End -->\n"
	path := filepath.Join("..", "..", "docs", "method.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	had, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("docs/method.md has no place for the checks")
	}
	want := checksTable(t)
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if had != want {
		t.Error("docs/method.md has other checks than the code: go test ./internal/cli -run " +
			"TestChecksAreDocumented -update")
	}
	for _, c := range scenarios.Beside {
		if !strings.Contains(want, "| "+c.What+" |") {
			t.Errorf("%q is not among the checks", c.What)
		}
	}
}

func checksTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| scenario | check | what it cannot see |\n|---|---|---|\n")
	row := func(where string, c scenarios.Check) {
		if c.What == "" || c.Blind == "" {
			t.Errorf("%s: %+v says too little", where, c)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", where, c.What, c.Blind)
	}
	for _, c := range scenarios.Beside {
		row("beside the load", c)
	}
	of := map[scenarios.Check][]string{}
	var all []scenarios.Check
	for _, s := range scenarios.All {
		if len(s.Checks) == 0 {
			t.Errorf("%s checks nothing", s.Name)
		}
		for _, c := range s.Checks {
			if of[c] == nil {
				all = append(all, c)
			}
			of[c] = append(of[c], s.Name)
		}
	}
	for _, c := range all {
		row("`"+strings.Join(of[c], "`, `")+"`", c)
	}
	b.WriteString("\n")
	return b.String()
}

func scenariosPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Scenarios")
	line("")
	line("<!-- Generated: go test ./internal/cli -run TestScenariosPage -update -->")
	line("")
	line("| scenario | specification | operations | parameters | checks |")
	line("|---|---|---|---|---|")
	for _, s := range scenarios.All {
		line("| `%s` | %s | %s | %s | %s |", s.Name, s.Source, operations(s), codes(s.Parameters),
			strings.Join(checksOf(s), "; "))
	}
	line("")
	line("A scenario's rate is that of all its operations together, in the shares above. What is not")
	line("an answer that the case allows ends as Rejected (a refusal) or Invalid (a wrong answer), and")
	line("an Invalid answer fails the verdict whatever the times are.")
	line("")
	line("## Parameters")
	line("")
	line("| key | meaning | default |")
	line("|---|---|---|")
	for _, d := range scenarios.Defaults().Settings(scenarios.All) {
		i := slices.IndexFunc(plan.Keys, func(k plan.Key) bool { return k.Name == d.Key })
		if i < 0 {
			t.Fatalf("parameter %s has no plan key", d.Key)
		}
		value := "none"
		if d.Value != "" {
			value = "`" + d.Value + "`"
		}
		line("| `%s` | %s | %s |", d.Key, plan.Keys[i].Usage, value)
	}
	line("")
	line("All of them are in the fingerprint of a run. Preparing and verifying have a rate limit of")
	line("their own (`prepare-rate`); what a trial needs is made before its clock starts. Codes, assertions")
	line("and tokens that would be stale before its last answer may come are an error then, no refusals of")
	line("the server's; the tokens of `revoke` must live until they have been looked at, for one that has")
	line("expired by itself is inactive whatever became of its revocation. Revoked tokens get 5 s to become")
	line("inactive, before the first trial of `introspect` and after each of `revoke`.")
	line("")
	line("`states` has no `wrong-client` unless it is given, as `states=active=70,wrong-client=1`: a client")
	line("asks about a token of another's, and RFC 7662 leaves it to the server whether to answer, so")
	line("there is little to find out. Where introspection is open to resource servers by a token or by")
	line("network, these questions alone would make the server hash a secret, and be the P99 of all.")
	line("Revocation by the wrong client is asked for by default (`wrong-client-share`): it costs what")
	line("any revocation costs, and a server that gives in lets clients end each other's sessions.")
	line("")
	line("After each trial, with any scenario, the token, introspection and revocation endpoints, and")
	line("refresh where it is measured, are asked with a wrong secret, with none and for another client's")
	line("token, the token endpoint also for a client that does not exist, and the JWT bearer grant with an")
	line("assertion that another key signed. Each must be refused,")
	line("and one that is accepted is an Invalid answer, counted against an arrival of its operation. A")
	line("server that registers no clients for us is asked once a run. `--probe-authentication=false`")
	line("leaves it out. A client without a secret has none that could be wrong.")
	line("")
	line("## Mixed loads")
	line("")
	line("`--mix` gives scenarios weights in one schedule, and `--rate` is then that of all together;")
	line("`--scenario mixed` is the first of these:")
	line("")
	line("| mix | weights | shape | source |")
	line("|---|---|---|---|")
	for _, m := range scenarios.Mixes {
		line("| `%s` | %s | %s | %s |", m.Name, scenarios.Weights(m.Weights), m.Summary, m.Source)
	}
	line("")
	line("## Which servers can run it")
	line("")
	line("`oauthbench scenarios --target hydra:v1.11.10` says why one does not fit. `reference` is as")
	line("`embedded`; a server that runs elsewhere fits by what its metadata promises, as far as no")
	line("user is needed.")
	line("")
	line("| scenario | %s |", strings.Join(documented, " | "))
	line("|---|%s", strings.Repeat("---|", len(documented)))
	for _, s := range scenarios.All {
		line("| `%s` | %s |", s.Name, fitsWhere(t, func(can oauth.Capabilities) bool {
			return s.Unfit(can, scenarios.Defaults()) == ""
		}))
	}
	for _, m := range scenarios.ClientAuthMethods {
		name, _, _ := strings.Cut(m, ":")
		line("| client-auth `%s` | %s |", m,
			fitsWhere(t, func(can oauth.Capabilities) bool { return can.Has(oauth.Capability(name)) }))
	}
	line("| `dpop` | %s |", fitsWhere(t, func(can oauth.Capabilities) bool { return can.Has(oauth.HasDPoP) }))
	line("")
	line("`tls_client_auth` wants a server that speaks TLS: `embedded:v2?tls=on`.")
	line("")
	line("## Expectations")
	line("")
	line("Every arrival is a case of this table, and its answer is counted there.")
	line("")
	line("| operation | what is presented | its state | right answers | source |")
	line("|---|---|---|---|---|")
	for _, e := range scenarios.Matrix() {
		line("| %s | %s | %s | %s | %s |", e.Operation, e.Kind, e.State, e.Expected, e.Source)
	}
	line("")
	line("[answers.md](answers.md) says how answers are read that are not quite as specified, and how the")
	line("dates, scopes and signatures of tokens are judged.")
	line("")
	line("A right server is never to be called wrong. This asks the embedded one 100,000 requests of")
	line("every scenario and of the default mix, and a tenth of that with other tokens, client")
	line("authentication and parameters; it fails at any answer that is not as expected:")
	line("")
	line("    OAUTHBENCH_FALSE_ALARMS=100000 go test ./internal/cli -run TestNoFalseAlarm -v -timeout 3h")
	line("")
	line("## Facts")
	line("")
	line("Counted beside the answers, in `facts` and `lags` of each trial in `run.jsonl`:")
	line("")
	for _, f := range scenarios.Facts {
		line("- `%s`: %s", f.Name, f.Summary)
	}
	return b.String()
}

func operations(s scenarios.Scenario) string {
	var words []string
	for _, o := range s.Operations {
		words = append(words, fmt.Sprintf("`%s` %.0f %%", o.Name, 100*o.Share))
	}
	return strings.Join(words, ", ")
}

func codes(names []string) string {
	var words []string
	for _, n := range names {
		words = append(words, "`"+n+"`")
	}
	return strings.Join(words, ", ")
}

func fitsWhere(t *testing.T, fits func(oauth.Capabilities) bool) string {
	t.Helper()
	var cells []string
	for _, text := range documented {
		target, err := targets.Parse(text, plan.Default(plan.Run))
		if err != nil {
			t.Fatal(err)
		}
		cell := ""
		if fits(target.Can) {
			cell = "yes"
		}
		cells = append(cells, cell)
	}
	return strings.Join(cells, " | ")
}

func TestScenariosThatFit(t *testing.T) {
	code, stdout, stderr := oauthbench(t, t.TempDir(), "scenarios", "--target", "hydra:v1.11.10")
	for _, want := range []string{"device         does not fit: no device flow (RFC 8628)", "jwt-bearer     fits",
		"exchange       does not fit"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, %s%s; want %q", code, stdout, stderr, want)
		}
	}
}

// What a server cannot do is said before anything is started.
func TestUnfitScenarioIsAnErrorBeforeTheStart(t *testing.T) {
	for _, args := range [][]string{
		{"run", "--target", "hydra:v1.11.10", "--scenario", "device"},
		{"compare", "--baseline", "embedded:v1", "--scenario", "exchange"},
		{"run", "--client-auth", "none", "--scenario", "token"},
		{"run", "--target", "hydra:v2.3.0", "--scenario", "token", "--dpop"},
	} {
		code, _, stderr := oauthbench(t, t.TempDir(), args...)
		if code != exitcode.Usage || !strings.Contains(stderr, "does not fit this server") ||
			strings.Contains(stderr, "starting") {
			t.Errorf("%q: exit %d, %s", args, code, stderr)
		}
	}
}

// checksOf are what a scenario finds out about answers.
func checksOf(s scenarios.Scenario) []string {
	var all []string
	for _, c := range s.Checks {
		all = append(all, c.What)
	}
	return all
}
