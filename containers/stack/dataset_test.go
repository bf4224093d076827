package stack

import (
	"strings"
	"testing"
)

func TestParseDataset(t *testing.T) {
	for text, want := range map[string]Dataset{
		"clients=1000,tokens=1000000,revoked=5%": {Clients: 1000, Tokens: 1_000_000, Revoked: 0.05},
		"tokens=1_000_000":                       {Tokens: 1_000_000},
		"tokens=1e6":                             {Tokens: 1_000_000},
		"revoked=0%, tokens=10":                  {Tokens: 10},
		"grants=20000":                           {Grants: 20_000},
		"consents_per_subject=1e5,clients=2":     {Clients: 2, Consents: 100_000},
	} {
		got, err := ParseDataset(text)
		if err != nil || got != want {
			t.Errorf("ParseDataset(%q) = %v, %v; want %v", text, got, err, want)
		}
		if back, err := ParseDataset(got.String()); err != nil || back != got {
			t.Errorf("ParseDataset(%q) = %v, %v; want %v", got, back, err, got)
		}
	}
	for _, text := range []string{
		"", "tokens", "tokens=", "tokens=-1", "tokens=1e-6", "tokens=NaN", "tokens=1e99", "revoked=5%",
		"tokens=99999999999999999999", "tokens=1,tokens=2", "users=1", "revoked=5", "revoked=100%", "revoked=-1%",
		"revoked=NaN%",
	} {
		if got, err := ParseDataset(text); err == nil || !strings.Contains(err.Error(), "revoked=5%") {
			t.Errorf("ParseDataset(%q) = %v, %v; want an error with an example", text, got, err)
		}
	}
}
