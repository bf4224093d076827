package plaintext

import (
	"slices"
	"strings"
	"testing"
)

func TestSecretsOfATargetAreWithheld(t *testing.T) {
	for _, c := range []struct {
		what, target, shown string
		secrets             []string
	}{
		{"nothing behind the version", "hydra:v2.3.0", "hydra:v2.3.0", nil},
		{"no secret", "hydra:v2.3.0?pool=5&env.LOG_LEVEL=warn", "hydra:v2.3.0?pool=5&env.LOG_LEVEL=warn", nil},
		{"a secret among others", "hydra:v2.3.0?pool=5&env.SECRETS_COOKIE=a%2Bb&db=postgres:17",
			"hydra:v2.3.0?pool=5&env.SECRETS_COOKIE=***&db=postgres:17", []string{"a+b"}},
		{"a short one", "hydra:v2.3.0?env.MY_PASSWORD=x", "hydra:v2.3.0?env.MY_PASSWORD=***", []string{"x"}},
		{"a name that is escaped", "hydra:v2.3.0?env.API%5FKEY=k", "hydra:v2.3.0?env.API%5FKEY=***", []string{"k"}},
		{"a setting of the database", "hydra:v2.3.0?db.my.secret=k", "hydra:v2.3.0?db.my.secret=***", []string{"k"}},
		{"a password in an address", "hydra:v2.3.0?env.PROXY=http://me:pw@host/", "hydra:v2.3.0?env.PROXY=***",
			[]string{"http://me:pw@host/"}},
		{"an address without one", "hydra:v2.3.0?env.PROXY=http://host:80/a@b",
			"hydra:v2.3.0?env.PROXY=http://host:80/a@b", nil},
		{"the name of a variable", "external:mine?client_secret_env=OURS", "external:mine?client_secret_env=OURS", nil},
		{"an empty value", "hydra:v2.3.0?env.API_KEY=", "hydra:v2.3.0?env.API_KEY=", nil},
	} {
		if got := Target(c.target); got != c.shown || Target(got) != got {
			t.Errorf("%s: %q; want %q, and the same again", c.what, got, c.shown)
		}
		if got := TargetSecrets(c.target); !slices.Equal(got, c.secrets) {
			t.Errorf("%s: the secrets are %q; want %q", c.what, got, c.secrets)
		}
		if left := TargetSecrets(c.shown); len(left) > 0 {
			t.Errorf("%s: %q is left of what was withheld", c.what, left)
		}
		if n := len(WithheldOf(c.shown)); n != len(c.secrets) {
			t.Errorf("%s: %d settings were withheld; want %d", c.what, n, len(c.secrets))
		}
	}
}

// A stored target comes back by the same target alone, with all that was withheld.
func TestWithheldIsRestored(t *testing.T) {
	const whole = "hydra:v2.3.0?env.A_SECRET=one&env.B_SECRET=two"
	stored := Target(whole)
	for given, want := range map[string]string{
		whole: whole, "": "", stored: "",
		"hydra:v2.3.0?env.A_SECRET=one":                     "", // one of two
		"hydra:v26.2.0?env.A_SECRET=one&env.B_SECRET=two":   "",
		"hydra:v2.3.0?env.A_SECRET=other&env.B_SECRET=pair": "hydra:v2.3.0?env.A_SECRET=other&env.B_SECRET=pair",
	} {
		got, err := Restored(stored, given, "--target")
		if (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %q, %v; want %q", given, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "env.A_SECRET and env.B_SECRET of "+stored) {
			t.Errorf("%q: %v does not say what is missing", given, err)
		}
	}
	if got, err := Restored("embedded:v2", "anything", "--target"); got != "embedded:v2" || err != nil {
		t.Errorf("a target without secrets became %q, %v", got, err)
	}
}
