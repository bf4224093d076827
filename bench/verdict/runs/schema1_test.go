package runs

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// unzipped reads one of the files that were stored before runs carried their rule.
func unzipped(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "schema1", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func schema1Run(t *testing.T, name string) *bench.Run {
	t.Helper()
	run, err := bench.ReadRun(bytes.NewReader(unzipped(t, name+".jsonl.gz")))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// same holds a verdict against one that the code before schema 2 gave.
func same(t *testing.T, v verdict.Verdict, name string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", "schema1", name))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var now, then any
	if err := errors.Join(json.Unmarshal(got, &now), json.Unmarshal(want, &then)); err != nil {
		t.Fatal(err)
	}
	if !holds(now, then) {
		t.Errorf("%s: the verdict has become\n%s\nit was\n%s", name, got, want)
	}
}

// holds tells whether one JSON value has all that another has, and no more but members of objects.
func holds(now, then any) bool {
	switch then := then.(type) {
	case map[string]any:
		whole, ok := now.(map[string]any)
		for name, value := range then {
			ok = ok && holds(whole[name], value)
		}
		return ok
	case []any:
		all, ok := now.([]any)
		if !ok || len(all) != len(then) {
			return false
		}
		for i, value := range then {
			ok = ok && holds(all[i], value)
		}
		return ok
	}
	return reflect.DeepEqual(now, then)
}

// A run that was stored before it carried its rule is judged as it was then.
func TestRunsOfSchema1AreJudgedAsBefore(t *testing.T) {
	for _, name := range []string{"quick", "ci", "thorough", "single"} {
		v, err := Judge(schema1Run(t, name))
		if err != nil {
			t.Fatal(err)
		}
		same(t, v, name+".verdict.json")
	}
}

// So are baselines of that time, beside a run of that time.
func TestBaselinesOfSchema1AreComparedAsBefore(t *testing.T) {
	for _, name := range []string{"quick", "ci", "thorough"} {
		b, err := bench.ReadBaseline(bytes.NewReader(rezipped(t, name+".baseline.json.gz")))
		if err != nil {
			t.Fatal(err)
		}
		in, err := Apart(b, schema1Run(t, name), bench.Candidate)
		if err != nil {
			t.Fatal(err)
		}
		v, err := verdict.JudgeApart(in)
		if err != nil {
			t.Fatal(err)
		}
		same(t, v, name+".apart.json")
	}
}

func rezipped(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "schema1", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestUnknownProfileIsAnError(t *testing.T) {
	run := schema1Run(t, "quick")
	run.Plan = json.RawMessage(strings.Replace(string(run.Plan), `"profile":"quick"`, `"profile":"nightly"`, 1))
	if _, err := Judge(run); err == nil ||
		!strings.Contains(err.Error(), `profile "nightly", which this version does not know`) {
		t.Errorf("a run of an unknown profile: error %v", err)
	}
}

// What Store writes is what Design reads, and a rule that carries all its margins does
// not depend on what the defaults are when it is read.
func TestStoredDesignIsWhole(t *testing.T) {
	d := verdict.Design{Profile: verdict.Full(), Gates: []verdict.Gate{{Operation: "token", Quantile: 0.95}},
		Margins: []verdict.Margin{{Operation: "token", Fraction: 0.3}}}
	var h bench.Header
	if err := Store(&h, d, []string{"token", "revoke"}); err != nil {
		t.Fatal(err)
	}
	back, err := Design(h)
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"token", "revoke"} {
		for _, q := range bench.ComparedQuantiles {
			found := false
			for _, m := range back.Margins {
				found = found || m.Operation == operation && m.Quantile == q
			}
			if !found {
				t.Errorf("%s at %v has no margin of its own in %s", operation, q, h.Design)
			}
		}
	}
	if len(back.Profile.Levels) != len(back.Profile.Looks) {
		t.Errorf("levels %v for looks %v", back.Profile.Levels, back.Profile.Looks)
	}
}
