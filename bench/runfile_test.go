package bench

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func someTrial(pair int, role Role) Trial {
	m := NewMeasurement("token")
	for _, d := range sample(200, uint64(pair)) {
		m.Response.Record(d)
		m.Service.Record(d)
		m.SendLag.Record(d / 100)
	}
	m.Outcomes = Outcomes{OK: 198, Rejected: 2}
	m.AddCase("status 500", 2)
	m.Timeline = []Second{{At: 0, Outcomes: m.Outcomes, P50: 1, P95: 2, P99: 3, Max: 4}}
	return Trial{
		Slot: Slot{Pair: pair, Role: role, Seed: 9}, Deployment: "x", Started: time.Unix(1700000000, 0).UTC(),
		Load: Load{Process: "poisson", Streams: []Stream{{"token", 20}}, Length: 10 * time.Second,
			Timeout: time.Second, Workers: 64},
		Elapsed: 10 * time.Second, Planned: 200, Sent: 200, Offered: 20, Achieved: 19.8,
		Measurements: []Measurement{*m},
	}
}

func someHeader() Header {
	return Header{
		Schema: RunSchema, Tool: "test", Started: time.Unix(1700000000, 0).UTC(), Seed: 9, Plan: []byte(`{"a":1}`),
		Slots: 2,
		Deployments: map[Role]Deployment{Baseline: {Name: "x", Server: "x", Version: "1",
			Settings: map[string]string{"hasher": "bcrypt"}}},
		Loads: []Load{{Process: "poisson", Streams: []Stream{{"token", 20}}}},
	}
}

// writeRun stores a header, trials and, when asked, an end; it returns the path.
func writeRun(t testing.TB, end bool, trials ...Trial) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.jsonl")
	w, err := CreateRunFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(w.WriteHeader(someHeader()))
	for _, trial := range trials {
		check(w.WriteTrial(trial))
	}
	if end {
		check(w.WriteEnd(End{At: time.Unix(1700000100, 0).UTC()}))
	}
	check(w.Close())
	return path
}

func TestRunReadsBackEqual(t *testing.T) {
	trials := []Trial{someTrial(0, Baseline), someTrial(0, Candidate)}
	data, err := os.ReadFile(writeRun(t, true, trials...))
	if err != nil {
		t.Fatal(err)
	}
	run, err := ReadRun(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(run.Header, someHeader()) {
		t.Errorf("header %+v; want %+v", run.Header, someHeader())
	}
	if !run.Complete() || len(run.Trials) != 2 {
		t.Fatalf("complete %v with %d trials; want true with 2", run.Complete(), len(run.Trials))
	}
	for i, got := range run.Trials {
		for _, pick := range []func(Measurement) *Histogram{
			func(m Measurement) *Histogram { return m.Response },
			func(m Measurement) *Histogram { return m.Service },
			func(m Measurement) *Histogram { return m.SendLag },
		} {
			sameHistogram(t, pick(got.Measurements[0]), pick(trials[i].Measurements[0]))
		}
		// The rest is compared without the histograms, whose caches may differ.
		want := trials[i]
		g, w := got.Measurements[0], want.Measurements[0]
		g.Response, g.Service, g.SendLag, w.Response, w.Service, w.SendLag = nil, nil, nil, nil, nil, nil
		got.Measurements, want.Measurements = nil, nil
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(g, w) {
			t.Errorf("trial %+v %+v; want %+v %+v", got, g, want, w)
		}
	}
}

// Whatever byte a crash cuts the file at, every trial whose line is whole is read,
// and the run is not taken for a complete one.
func TestCrashLosesAtMostTheTrialUnderWay(t *testing.T) {
	data, err := os.ReadFile(writeRun(t, true, someTrial(0, Baseline), someTrial(0, Candidate)))
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.IndexByte(data, '\n') + 1
	for cut := 0; cut < len(data); cut += 7 {
		run, err := ReadRun(bytes.NewReader(data[:cut]))
		if cut < header {
			if err == nil {
				t.Fatalf("cut at %d: a run without its header was read", cut)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if want := bytes.Count(data[:cut], []byte("\n")) - 1; len(run.Trials) != want {
			t.Fatalf("cut at %d: %d trials; want %d", cut, len(run.Trials), want)
		}
		if run.Complete() {
			t.Fatalf("cut at %d: the run is called complete", cut)
		}
	}
}

func TestReaderNamesDamage(t *testing.T) {
	whole, err := os.ReadFile(writeRun(t, true, someTrial(0, Baseline)))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for name, c := range map[string]struct{ file, want string }{
		"nothing":              {"", "no run"},
		"no header":            {lines[1], "line 1"},
		"two headers":          {lines[0] + lines[0], "line 2: a second header"},
		"damage in the middle": {lines[0] + "{\"trial\":{]\n" + lines[2], "line 2"},
		"after the end":        {string(whole) + lines[1], "line 4: a line after the end"},
		"newer schema":         {strings.Replace(lines[0], `"schema":2`, `"schema":99`, 1), "schema 99"},
		"no histogram": {lines[0] + `{"trial":{"role":"baseline","measurements":[{"operation":"token"}]}}` +
			"\n", "histograms"},
		"no role": {lines[0] + `{"trial":{}}` + "\n", "role"},
		"outcomes do not add": {lines[0] + strings.Replace(lines[1], `"ok":198`, `"ok":197`, 1),
			"199 outcomes, 200 response times"},
	} {
		if _, err := ReadRun(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want one with %q", name, err, c.want)
		}
	}
}

// resume opens the file of a run that was interrupted.
func resume(t *testing.T, path string) (*RunFile, *Run, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, run, err := ResumeRunFile(f)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return w, run, nil
}

// Wherever an interruption cut the file, a resumed run has all whole trials and goes on
// behind them.
func TestInterruptedRunIsResumed(t *testing.T) {
	for _, c := range []struct {
		name string
		end  *End
		tear bool
	}{{"killed", nil, false}, {"killed within a line", nil, true}, {"interrupted", &End{Interrupted: "interrupted"},
		false}} {
		path := filepath.Join(t.TempDir(), "run.jsonl")
		w, err := CreateRunFile(path)
		if err != nil {
			t.Fatal(err)
		}
		steps := []func() error{
			func() error { return w.WriteHeader(someHeader()) },
			func() error { return w.WriteTrial(someTrial(0, Candidate)) },
		}
		if c.end != nil {
			steps = append(steps, func() error { return w.WriteEnd(*c.end) })
		}
		for _, step := range append(steps, w.Close) {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		if c.tear {
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, append(data, `{"trial":{"ro`...), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		again, run, err := resume(t, path)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(run.Trials) != 1 || run.End != nil {
			t.Errorf("%s: %d trials, end %v; want 1 and none", c.name, len(run.Trials), run.End)
		}
		for _, err := range []error{again.WriteTrial(someTrial(1, Candidate)), again.WriteEnd(End{}), again.Close()} {
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if run, err := ReadRun(bytes.NewReader(data)); err != nil || len(run.Trials) != 2 || !run.Complete() {
			t.Errorf("%s: the resumed run: %+v, %v; want 2 trials and an end", c.name, run, err)
		}
		if _, _, err := resume(t, path); err == nil {
			t.Errorf("%s: a run that came to its end is resumed", c.name)
		}
	}
}

func TestEmptyRunFileIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	w, err := CreateRunFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRunFile(path); err == nil {
		t.Error("a second run was let into the same file")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("an empty run file stays: %v", err)
	}
}

func FuzzRunReader(f *testing.F) {
	data, err := os.ReadFile(writeRun(f, true, someTrial(0, Baseline)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"header":{"schema":1}}` + "\n" +
		`{"trial":{"role":"candidate","measurements":[{"response":null}]}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := ReadRun(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, operation := range run.Operations() {
			run.Merged(Candidate, operation)
		}
		run.Incomplete()
	})
}
