package rehearse

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oauthbench/internal/authserver/process"
	"oauthbench/internal/authserver/settings"
	"oauthbench/scenarios/upgrade"
)

// childVariable makes this test binary a serving process.
const childVariable = "OAUTHBENCH_TEST_REHEARSE_CHILD"

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve understands what process.ServeOptions.Arguments writes.
func serve(args []string) error {
	var o process.ServeOptions
	values := url.Values{}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.Directory, "directory", "", "")
	flags.Bool("exit-with-stdin", false, "")
	flags.Func("set", "", func(pair string) error {
		key, value, _ := strings.Cut(pair, "=")
		values.Add(key, value)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if o.Settings, err = settings.Parse(flags.Arg(0), values); err != nil {
		return err
	}
	o.Input = os.Stdin
	return process.Serve(context.Background(), o, func(a process.Addresses) error {
		return json.NewEncoder(os.Stdout).Encode(a)
	})
}

func parse(t *testing.T, version, query string) settings.Settings {
	t.Helper()
	values, err := url.ParseQuery("bcrypt_cost=4&pbkdf2_rounds=1&" + query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings.Parse(version, values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// From v1 to v2 nothing is lost but what was issued in the window, and each fault that
// is planted in green is found by its one name.
func TestEmbeddedUpgrade(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv(childVariable, "1")
	for _, test := range []struct {
		fault string
		want  []string
	}{
		{"", nil},
		{"fault.migration=invalid", []string{upgrade.FoundLost}},
		{"fault.migration=subject", []string{upgrade.FoundDeadDoor}},
		{"fault.migration=revived", []string{upgrade.FoundResurrected}},
		{"fault.dead_door=on", []string{upgrade.FoundDeadDoor}},
		{"fault.greedy_clean_up=on", []string{upgrade.FoundCleanedUp}},
		{"fault.inactive=1", []string{upgrade.FoundLost}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			got, err := Embedded(t.Context(), Options{
				From: parse(t, settings.V1, ""), To: parse(t, settings.V2, test.fault), Command: []string{os.Args[0]},
				Twins: 3,
			})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			window := 0
			for _, f := range got.Findings {
				if f.Fault() {
					names = append(names, f.Name)
				} else {
					window += f.Of
				}
			}
			if !slices.Equal(names, test.want) || window != 6 || got.Captured != 9 || got.Replayed != 9 {
				t.Errorf("found %q, %d of the window, replayed %d of %d; want %q, 6, 9 of 9\n%+v",
					names, window, got.Replayed, got.Captured, test.want, got.Findings)
			}
			if left, err := filepath.Glob(filepath.Join(os.TempDir(), "oauthbench-*")); err != nil || len(left) != 0 {
				t.Errorf("left behind %v, %v; want nothing", left, err)
			}
		})
	}
}
