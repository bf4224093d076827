package flagvalue

import (
	"errors"
	"slices"
	"strings"
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
		var got *float64
		if err := (share{&got}).Set(text); err != nil || *got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "200%", "1.5", "-1%", "NaN", "x"} {
		var got *float64
		if err := (share{&got}).Set(text); err == nil || got != nil {
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
	var share *float64
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

// A flag of one value takes no second one that differs; one of a list takes all, and a choice keeps its
// words.
func TestOnce(t *testing.T) {
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	flags.String("from", "a", "")
	flags.Int("twins", 1, "")
	flags.Duration("p99", 0, "")
	flags.Bool("control", true, "")
	flags.StringSlice("name", nil, "")
	var format string
	OneOf(flags, &format, "format", "", "text", "json")
	flags.VisitAll(Once)
	for _, c := range []struct{ args, err string }{
		{"--from b --from c", `--from: it is given twice, as "b" and as "c": from takes one value`},
		{"--twins 1 --twins 2", `--twins: it is given twice, as "1" and as "2": twins takes one value`},
		{"--control --control=false", `--control: it is given twice, as "true" and as "false": control ` +
			`takes one value`},
		{"--p99 1s --p99 1s", ""},
		{"--name a --name b", ""},
		{"--format json", ""},
	} {
		err := flags.Parse(strings.Fields(c.args))
		if bad, is := errors.AsType[*pflag.InvalidValueError](err); is {
			err = Refused("--"+bad.GetFlag().Name, bad.GetFlag(), bad.GetValue(), bad.Unwrap())
		}
		if (err != nil) != (c.err != "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v; want %q", c.args, err, c.err)
		}
	}
	names, _ := flags.GetStringSlice("name")
	p99, _ := flags.GetDuration("p99")
	if !slices.Equal(names, []string{"a", "b"}) || p99 != time.Second || format != "json" ||
		len(Words(flags.Lookup("format"))) != 2 {
		t.Errorf("names %q, P99 %v, format %q of %q", names, p99, format, Words(flags.Lookup("format")))
	}
	if usage := flags.FlagUsages(); strings.Contains(usage, "0s") {
		t.Errorf("a duration without a default tells one:\n%s", usage)
	}
}
