package verdict

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestParseSLO(t *testing.T) {
	for _, c := range []struct {
		text      string
		want      SLO
		canonical string // "" when equal to text
	}{
		{"token p99 < 100ms", SLO{"token", "p99", "<", 100e6}, ""},
		{"introspect error_ratio < 0.1%", SLO{"introspect", "error_ratio", "<", 0.001}, ""},
		{"revoke invalid = 0", SLO{"revoke", "invalid", "=", 0}, ""},
		{"refresh achieved >= 99%", SLO{"refresh", "achieved", ">=", 0.99}, ""},
		{"token p99.9<=1.5s", SLO{"token", "p99.9", "<=", 1.5e9}, "token p99.9 <= 1.5s"},
		{"  token   P50  <  250 us ", SLO{"token", "p50", "<", 250e3}, "token p50 < 250us"},
		{"token max < 1500ms", SLO{"token", "max", "<", 1.5e9}, "token max < 1.5s"},
		{"token p90 > 7ns", SLO{"token", "p90", ">", 7}, ""},
		{"auth-code.2/x error_ratio < 0.005", SLO{"auth-code.2/x", "error_ratio", "<", 0.005},
			"auth-code.2/x error_ratio < 0.5%"},
		{"token timeout <= 12", SLO{"token", "timeout", "<=", 12}, ""},
	} {
		got, err := ParseSLO(c.text)
		if err != nil || got != c.want {
			t.Errorf("ParseSLO(%q) = %+v, %v; want %+v", c.text, got, err, c.want)
			continue
		}
		canonical := c.canonical
		if canonical == "" {
			canonical = c.text
		}
		if got.String() != canonical {
			t.Errorf("ParseSLO(%q).String() = %q; want %q", c.text, got.String(), canonical)
		}
	}
}

// Each error quotes the text at fault and shows an example that parses.
func TestParseSLOErrors(t *testing.T) {
	for _, c := range []struct{ text, fault string }{
		{"", "no operator"},
		{"token p99 100ms", "no operator"},
		{"token p99 == 100ms", `operator "=="`},
		{"token p99 => 100ms", `operator "=>"`},
		{"p99 < 100ms", `"p99" before the operator`},
		{"token at p99 < 100ms", `"token at p99" before the operator`},
		{"9token p99 < 100ms", `operation "9token"`},
		{"token p98 < 100ms", `metric "p98"`},
		{"token p99 < 100", `limit "100"`},
		{"token p99 < 100m", `limit "100m"`},
		{"token p99 < -5ms", `limit "-5ms"`},
		{"token p99 < 0ms", `limit "0ms"`},
		{"token p99 < 0.5ns", `limit "0.5ns"`},
		{"token p99 <", `limit ""`},
		{"token p99 < NaNms", `limit "NaNms"`},
		{"token p99 < 100ms < 200ms", `limit "100ms < 200ms"`},
		{"token error_ratio < 5ms", `limit "5ms"`},
		{"token error_ratio < 101%", `limit "101%"`},
		{"token error_ratio < 2", `limit "2"`},
		{"revoke invalid = 0.5", `limit "0.5"`},
		{"revoke invalid = 0%", `limit "0%"`},
	} {
		_, err := ParseSLO(c.text)
		if err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("ParseSLO(%q) = %v; want an error with %q", c.text, err, c.fault)
			continue
		}
		_, example, ok := strings.Cut(err.Error(), "as in ")
		if _, wrong := ParseSLO(strings.Trim(example, `"`)); !ok || wrong != nil {
			t.Errorf("ParseSLO(%q): its example does not parse: %v: %v", c.text, err, wrong)
		}
	}
}

func FuzzParseSLO(f *testing.F) {
	for _, text := range []string{"token p99 < 100ms", "introspect error_ratio < 0.1%", "revoke invalid = 0",
		"a achieved >= 0.3333", "x max<0.000001s", "a p99=086399.9s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSLO(text)
		if err != nil {
			return
		}
		if math.IsNaN(s.Limit) || s.Limit < 0 {
			t.Fatalf("ParseSLO(%q) = %+v", text, s)
		}
		again, err := ParseSLO(s.String())
		if err != nil || again != s {
			t.Fatalf("ParseSLO(%q) = %+v; its String %q reads back as %+v, %v", text, s, s.String(), again, err)
		}
		b, err := json.Marshal(s)
		var back SLO
		if err != nil || json.Unmarshal(b, &back) != nil || back != s {
			t.Fatalf("JSON of %+v: %s, %v, back %+v", s, b, err, back)
		}
	})
}

func TestSLOHolds(t *testing.T) {
	for _, c := range []struct {
		operator           string
		below, equal, over bool
	}{{"<", true, false, false}, {"<=", true, true, false}, {"=", false, true, false}, {">=", false, true, true},
		{">", false, false, true}} {
		s := SLO{"token", "invalid", c.operator, 5}
		if s.holds(4) != c.below || s.holds(5) != c.equal || s.holds(6) != c.over {
			t.Errorf("5 %s: holds(4, 5, 6) = %v, %v, %v", c.operator, s.holds(4), s.holds(5), s.holds(6))
		}
	}
}
