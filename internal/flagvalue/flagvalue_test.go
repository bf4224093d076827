package flagvalue

import (
	"slices"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// A choice takes its words alone, the first by default, and says which there are.
func TestOneOf(t *testing.T) {
	type format string
	var f format
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	OneOf(flags, &f, "format", "`FORMAT` to print", "text", "json")
	if f != "text" || flags.Lookup("format").Usage != "`FORMAT` to print: text, json" {
		t.Errorf("%q by default, usage %q", f, flags.Lookup("format").Usage)
	}
	if got := Words(flags.Lookup("format")); !slices.Equal(got, []string{"text", "json"}) {
		t.Errorf("words %q", got)
	}
	if err := flags.Set("format", "json"); err != nil || f != "json" {
		t.Errorf("set to %q, %v", f, err)
	}
	if err := flags.Lookup("format").Value.Set("jsn"); err == nil ||
		err.Error() != "did you mean json? There are text, json" || f != "json" {
		t.Errorf("%v, now %q", err, f)
	}
}

// A share is read as a number and in per cent, and nothing beyond the whole is taken.
func TestShare(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "0.01": 0.01, "1%": 0.01, "2.5 %": 0.025, "100%": 1, "1": 1} {
		got := -1.0
		if err := (share{&got}).Set(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "200%", "1.5", "-1%", "NaN", "x"} {
		got := -1.0
		if err := (share{&got}).Set(text); err == nil || got != -1 {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// A refused value is named with what is wanted, in no words of a parser.
func TestRefused(t *testing.T) {
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	flags.Int("twins", 1, "")
	flags.Float64("cores", 1, "")
	flags.Duration("window", time.Second, "")
	flags.Bool("control", true, "")
	share := 0.0
	Share(flags, &share, "errors", "")
	for name, want := range map[string]string{
		"twins":   `--twins "200%": want a whole number`,
		"cores":   `--cores "200%": want a number such as 0.5`,
		"window":  `--window "200%": want a duration such as 30s or 1m30s`,
		"control": `--control "200%": want true or false`,
		"errors":  `--errors "200%": want a share from 0 to 100%, such as 1% or 0.01`,
	} {
		f := flags.Lookup(name)
		if got := Refused("--"+name, f, "200%", f.Value.Set("200%")).Error(); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
}
