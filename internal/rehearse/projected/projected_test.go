package projected

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
)

// grown is the account of a migration that makes flow out of logins and consents, updates each
// flow six times and each token once, and builds an index.
func grown(logins, tokens int64) *account.Account {
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	f, t := float64(logins), float64(tokens)
	a := &account.Account{
		Tables: []account.Table{
			{Name: "logins", Rows: logins, Before: 9, After: 0}, {Name: "consents", Rows: logins, Before: 9, After: 0},
			{Name: "handled", Rows: 2 * logins, Before: 9, After: 0},
			{Name: "flow", Inserted: logins, Updated: 6 * logins, After: 9},
			{Name: "access", Rows: tokens, Updated: tokens, Before: 9, After: 9},
			{Name: "version", Rows: 20, Inserted: 150, Before: 9, After: 9},
		},
		Statements: []account.Statement{
			{Table: "flow", Text: "UPDATE flow SET nid = $1", Took: seconds(0.1 + 1e-4*f), WALBytes: 3000 * 6 * logins},
			{Table: "flow", Text: "CREATE INDEX i ON flow (a)", Took: seconds(1e-6 * f * math.Log2(f)),
				TempBytes: 100 * logins},
			{Table: "access", Text: "UPDATE access SET nid = $1", Took: seconds(2e-5 * t), WALBytes: 3000 * tokens},
		},
	}
	a.Took = a.InStatements() + 3*time.Second
	return a
}

// A planted law is found again for each table, and the tables' shares stand for themselves: twice
// the tokens cost no flow.
func TestPlantedLawsAreProjected(t *testing.T) {
	accounts := []*account.Account{grown(9000, 27000), grown(1000, 3000), grown(3000, 9000), grown(27000, 81000)}
	made := map[string]string{"flow": "logins"}
	for _, tokens := range []float64{1e6, 2e6} {
		const logins = 1e6
		p, err := Of(accounts, made, Counts{"logins": logins, "access": tokens, "consents": logins,
			"handled": 2 * logins,
			"version": 20, "another": 1})
		if err != nil {
			t.Fatal(err)
		}
		want := 0.1 + 1e-4*logins + 1e-6*logins*math.Log2(logins) + 2e-5*tokens + 3
		if got := p.Total.Seconds; math.Abs(got.Mean-want) > 1e-3*want || got.High-got.Low > 1e-3*want {
			t.Errorf("%g tokens: %+v s; want %g", tokens, got, want)
		}
		if got := p.Total.Updated.Mean; math.Abs(got-6*logins-tokens) > 1 {
			t.Errorf("%g tokens: %g rows updated; want %g", tokens, got, 6*logins+tokens)
		}
		if got := p.Total.WALBytes.Mean; math.Abs(got-3000*(6*logins+tokens)) > 1e3 {
			t.Errorf("%g tokens: %g bytes of WAL", tokens, got)
		}
		if !slices.Equal(p.Untouched, []string{"another"}) || len(p.Missing) != 0 || len(p.Sizes) != 4 {
			t.Errorf("untouched %q, missing %q, %d sizes", p.Untouched, p.Missing, len(p.Sizes))
		}
		if want := tokens / 81000; p.Beyond < want || p.Tables[0].Name != "flow" || p.Tables[0].By != "logins" {
			t.Errorf("beyond %g, first table %+v; want %g or more, and the flows", p.Beyond, p.Tables[0], want)
		}
	}
}

// A table that is not given is named and not in the total.
func TestMissingTablesAreNamed(t *testing.T) {
	accounts := []*account.Account{grown(1000, 3000), grown(3000, 9000), grown(9000, 27000)}
	p, err := Of(accounts, map[string]string{"flow": "logins"}, Counts{"access": 1e6})
	if err != nil || !slices.Equal(p.Missing, []string{"logins"}) {
		t.Errorf("%v, missing %q; want the logins", err, p.Missing)
	}
	if _, err := Of(accounts[:2], nil, Counts{"access": 1}); err == nil {
		t.Error("two sizes were projected")
	}
}

// Totals that are published say how many rows they are of: here those of the upgrade that this
// rehearsal was built for, 6 updates a flow and 1 a token, 4 tables becoming one.
func TestPublishedTotalsImplyRows(t *testing.T) {
	published := census.Published{Updated: 132.5e6, Inserted: 114.7e6, TempBytes: 137e9, Took: 3 * time.Hour}
	got := Hold(grown(20000, 60000), published)
	if got == nil || math.Abs(got.Rows-17.8e6) > 1e4 || math.Abs(got.Carried-25.7e6) > 1e4 {
		t.Fatalf("implied %+v; want 17.8 M flows and 25.7 M tokens", got)
	}
	if got.MadeUpdates != 6 || got.MadeInserts != 5 || got.CarriedUpdates != 1 || math.Abs(got.TheirRate-12268.5) > 1 {
		t.Errorf("costs %+v", got)
	}
	if got := Hold(grown(20000, 60000), census.Published{Updated: 1, Inserted: 1e9, Took: time.Hour}); got != nil {
		t.Errorf("totals of another migration imply %+v; want nothing", got)
	}
	if got := Hold(&account.Account{Took: time.Second}, published); got != nil {
		t.Errorf("a migration that makes no table: %+v; want nothing", got)
	}
}

func TestReadCounts(t *testing.T) {
	got, err := ReadCounts(strings.NewReader("table,rows\n# a comment\nflow, 1_000\naccess,1.2e+07\n"))
	if err != nil || len(got) != 2 || got["flow"] != 1000 || got["access"] != 12e6 {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "table,rows\n", "a,1\nb\n", "a,1\nb,x\n", "a,1\na,2\n", "a,1\nb,-1\n",
		"a,1\nb,-2\n",
		"a,1\nb,NaN\n", "a,1\nb,1e300\n", "a,1\n,3\n", "a,1\n\"b"} {
		if got, err := ReadCounts(strings.NewReader(text)); err == nil {
			t.Errorf("ReadCounts(%q) = %v; want an error", text, got)
		}
	}
}
