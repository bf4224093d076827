package reports

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// gridOf is a grid of two axes whose cells but the last have trials at a fixed rate.
func gridOf() (grid.Header, []GridCell) {
	h := grid.Header{
		Schema: grid.Schema, Plan: json.RawMessage(`{"candidate":"reference:v2","seed":7}`), Fixed: true,
		Command: []string{"oauthbench", "capacity", "--vary", "dataset.tokens=10,1000,100000"},
		Grid: grid.Grid{{Name: "dataset.tokens", Values: []string{"10", "1000", "100000"}},
			{Name: "pool", Values: []string{"5", "20"}}},
		Order: []int{5, 4, 3, 2, 1, 0}, Folders: []string{"a", "b", "c", "d", "e", "f"},
		Shared: "2 instances share <one> core",
	}
	var cells []GridCell
	for i := range 6 {
		if i == 5 {
			cells = append(cells, GridCell{Missing: "it does not <start>"})
			break
		}
		run := &bench.Run{End: &bench.End{}}
		run.Loads = []bench.Load{{Streams: []bench.Stream{{Scenario: "token", Rate: 20}}}}
		for k := range 3 {
			m := bench.NewMeasurement("token")
			for range 100 {
				m.Response.Record(time.Duration(1+i/2)*10*time.Millisecond + time.Duration(k)*time.Millisecond)
				m.Outcomes.Add(bench.OK, 1)
			}
			run.Trials = append(run.Trials, bench.Trial{Slot: bench.Slot{Epoch: k, Role: bench.Candidate},
				Measurements: []bench.Measurement{*m}})
		}
		cells = append(cells, GridCell{Run: run, Decision: verdict.Measured})
	}
	return h, cells
}

// The answer about a grid fits a terminal of 80 by 24 with what to do next, however many cells it has.
func TestGridAnswerFitsATerminal(t *testing.T) {
	h, cells := gridOf()
	for range 2 {
		var b strings.Builder
		if err := OfGrid(h, cells).WriteAnswer(&b, false, 80); err != nil {
			t.Fatal(err)
		}
		fitsTerminal(t, "a grid", b.String())
		for _, want := range []string{"INCONCLUSIVE", "12.0 ms [10.3 ms, 14.0 ms]",
			"what to do: go on with what is left"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in\n%s", want, b.String())
			}
		}
		// Once more, with a hundred cells and long names.
		h.Grid[1].Values = nil
		for i := range 33 {
			h.Grid[1].Values = append(h.Grid[1].Values, strings.Repeat("9", 40)+strconv.Itoa(i))
		}
		one, missing := cells[0], cells[5]
		h.Folders, h.Order, cells = nil, nil, nil
		for i := range 99 {
			h.Folders, h.Order, cells = append(h.Folders, strconv.Itoa(i)), append(h.Order, i), append(cells, one)
		}
		cells[98] = missing
	}
}

// Every format of a grid has each cell, what goes through several, and what is missing; what
// a user wrote is no markup.
func TestGridIsReported(t *testing.T) {
	d := OfGrid(gridOf())
	if d.Decision != verdict.Inconclusive || !strings.Contains(strings.Join(d.Reasons, "\n"), "it does not <start>") {
		t.Errorf("decision %s for %q; want inconclusive for the cell that is missing", d.Decision, d.Reasons)
	}
	written := map[string]string{}
	for _, f := range Formats {
		// The others hold single trials, which are the cells' own.
		if !slices.Contains([]string{"text", "markdown", "html", "json", "junit"}, f.Name) {
			continue
		}
		var b strings.Builder
		if err := f.Write(&b, d); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		written[f.Name] = b.String()
	}
	for format, wants := range map[string][]string{
		"text": {"Response times at 20.0/s in every cell", "reference:v2: P95 and P99 over dataset.tokens × pool",
			"12.0 ms [", "it does not <start>",
			"Contention: 2 instances share <one> core", "token P95 changes by +5.00 ms", "5 of 6 cells"},
		"markdown": {"| dataset.tokens | pool | operation |", "| 100000 | 5 | token | 32.0 ms"},
		"html": {`id="grid"`, `href="a/report.html"`, "it does not &lt;start&gt;", "dataset.tokens=10,1000,100000",
			`class="still always"`}, // Intervals and bounds are in the still picture alone.
		"json": {`"per_tenfold"`, `"shared_cores"`, `"dataset.tokens": "10"`, `"missing"`},
	} {
		for _, want := range wants {
			if !strings.Contains(written[format], want) {
				t.Errorf("%s has no %q:\n%.3000s", format, want, written[format])
			}
		}
	}
	if strings.Contains(written["html"], "does not <start>") {
		t.Error("the page has markup of others")
	}
}
