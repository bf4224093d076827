package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/authserver/process"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
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
	flags.StringVar(&o.Listen, "listen", "", "")
	flags.StringVar(&o.Admin, "admin", "", "")
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

// options are those of a rehearsal of embedded servers, with more settings of green.
func options(t *testing.T, more string) Options {
	t.Helper()
	return Options{
		From: "embedded:v1?bcrypt_cost=4", To: "embedded:v2?pbkdf2_rounds=1" + more, Strategy: upgrade.BlueGreen,
		Command: []string{os.Args[0]}, Twins: 3, Control: true, Out: filepath.Join(t.TempDir(), "out"),
	}
}

// faultsOf are the names of what stands against the upgrade.
func faultsOf(report Report) (names []string) {
	for _, f := range report.Findings {
		if f.Fault() {
			names = append(names, f.Name)
		}
	}
	return names
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
		{"&fault.migration=invalid", []string{upgrade.FoundLost}},
		{"&fault.migration=subject", []string{upgrade.FoundDeadDoor}},
		{"&fault.migration=revived", []string{upgrade.FoundResurrected}},
		{"&fault.dead_door=on", []string{upgrade.FoundDeadDoor}},
		{"&fault.greedy_clean_up=on", []string{upgrade.FoundCleanedUp}},
		{"&fault.inactive=1", []string{upgrade.FoundLost}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			o := options(t, test.fault)
			got, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			// Three each of five sorts that end, or are refreshed, between copy and switch, and
			// of two that are asked about before the replay; clients cannot be deleted.
			if names := faultsOf(got); !slices.Equal(names, test.want) || got.Captured != 18 || got.Replayed != 18 {
				t.Errorf("found %q, replayed %d of %d; want %q, 18 of 18\n%+v",
					names, got.Replayed, got.Captured, test.want, got.Findings)
			}
			if left, err := filepath.Glob(filepath.Join(os.TempDir(), "oauthbench-*")); err != nil || len(left) != 0 {
				t.Errorf("left behind %v, %v; want nothing", left, err)
			}
			if exists(filepath.Join(o.Out, private)) || !exists(reportFile(o.Out)) {
				t.Error("the directory holds what resumes, or no report")
			}
		})
	}
}

// A rehearsal of servers that ended with their process begins anew when it is resumed, however far it was: what
// the journal has is of servers that are gone.
func TestEmbeddedBeginsAnew(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv(childVariable, "1")
	o := options(t, "")
	d, err := openDirectory(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if _, err := d.journal.Append(journal.Entry{Act: journal.RevokeToken, Client: "c", Secret: "s",
			Token: fmt.Sprint("token ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	memory := upgrade.Memory{Steps: []upgrade.Step{{Name: "make sessions at blue"}}, Phase: upgrade.InWindow}
	if err := errors.Join(d.save(snapshot{Memory: memory}), d.leave()); err != nil {
		t.Fatal(err)
	}
	got, err := Run(t.Context(), Options{Resume: o.Out, Out: o.Out, Command: o.Command})
	if err != nil {
		t.Fatal(err)
	}
	if names := faultsOf(got); len(names) > 0 || got.Captured != 18 || got.Replayed != 18 {
		t.Errorf("found %q, replayed %d of %d; want nothing, and 18 of 18", names, got.Replayed, got.Captured)
	}
}

// A rehearsal that comes to no end says so, and finds nothing; one whose report cannot be written is told whole.
func TestUnfinishedAndNotStored(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv(childVariable, "1")
	o := options(t, "&fault.migration=invalid")
	ctx, stop := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	o.Say = func(step string) {
		if step == "revoke at green through every door" { // when there is something to be found
			stop(interrupted)
		}
	}
	report, err := Run(ctx, o)
	if !errors.Is(err, interrupted) && !errors.Is(err, context.Canceled) {
		t.Fatalf("%v; want that it was interrupted", err)
	}
	var written Report
	text, err := os.ReadFile(reportFile(o.Out))
	if err == nil {
		err = json.Unmarshal(text, &written)
	}
	if err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]Report{"given": report, "written": written} {
		word, _ := verdictOf(r)
		if r.Unfinished == "" || len(r.Findings) > 0 || word != unfinished || len(r.Lines) == 0 {
			t.Errorf("%s: %q, %s, %d findings, %d lines; want what was asked, and nothing decided", what, r.Unfinished,
				word,
				len(r.Findings), len(r.Lines))
		}
	}
	o = options(t, "")
	if err := os.MkdirAll(filepath.Join(o.Out, PageName, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	lost := (*NotStored)(nil)
	if report, err := Run(t.Context(), o); !errors.As(err, &lost) || report.Unfinished != "" || len(report.Lines) == 0 {
		t.Errorf("%v, %q, %d lines; want the whole report, and that it is not stored", err, report.Unfinished,
			len(report.Lines))
	}
}
