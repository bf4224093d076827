package baselines

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// stored saves a baseline of one trial that began so many hours after a fixed time.
func stored(t *testing.T, dir, name string, hours int) {
	t.Helper()
	started := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
	one := bench.Measurement{Operation: "token", Response: bench.NewHistogram(), Service: bench.NewHistogram(),
		SendLag: bench.NewHistogram()}
	for range 10 {
		one.Response.Record(5 * time.Millisecond)
		one.Service.Record(5 * time.Millisecond)
		one.SendLag.Record(time.Microsecond)
	}
	one.Outcomes.OK = 10
	run := &bench.Run{
		Header: bench.Header{Schema: bench.RunSchema, Started: started, Plan: []byte(`{}`),
			Deployments: map[bench.Role]bench.Deployment{
				bench.Candidate: {Name: "embedded:v2", Server: "embedded", Version: "v2"},
			}},
		Trials: []bench.Trial{{Slot: bench.Slot{Role: bench.Candidate}, Deployment: "embedded:v2",
			Measurements: []bench.Measurement{one}}},
		End: &bench.End{At: started},
	}
	b, err := bench.StoreBaseline(run, bench.Candidate, name, started)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Save(dir, b); err != nil {
		t.Fatal(err)
	}
}

// One damaged file stops none of the others, and is named.
func TestDamagedFileStopsNoOther(t *testing.T) {
	dir := t.TempDir()
	stored(t, dir, "newer", 2)
	stored(t, dir, "older", 1)
	if err := os.WriteFile(filepath.Join(dir, "torn"+extension), []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, damaged, err := All(dir)
	if err != nil || len(all) != 2 || all[0].Name != "older" || all[1].Name != "newer" {
		t.Fatalf("%d baselines, %v; want older and newer", len(all), err)
	}
	if len(damaged) != 1 || !strings.Contains(damaged[0].Error(), "torn") {
		t.Errorf("damaged: %v; want torn alone", damaged)
	}
}

func TestSaveReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	stored(t, dir, "v1", 1)
	b, err := Read(dir, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Save(dir, b); err == nil || !strings.Contains(err.Error(), "exists: choose another --name") {
		t.Errorf("a second save under one name: error %v", err)
	}
	if _, err := Read(dir, "v2"); err == nil || errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "there are v1") {
		t.Errorf("an absent baseline: error %v", err)
	}
	if _, err := Read(dir, "../v1"); err == nil || !strings.Contains(err.Error(), "want letters") {
		t.Errorf("a name with a path: error %v", err)
	}
}
