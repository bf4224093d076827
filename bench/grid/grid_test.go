package grid

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseAxis(t *testing.T) {
	for text, want := range map[string]string{
		"cpus=1,2": "cpus=1,2", " dataset.tokens = 1e4 , 1e6 ": "dataset.tokens=1e4,1e6",
		"target=embedded:v1,embedded:v2?tokens=jwt": "target=embedded:v1,embedded:v2?tokens=jwt",
	} {
		if a, err := ParseAxis(text); err != nil || a.String() != want {
			t.Errorf("ParseAxis(%q) = %v, %v; want %q", text, a, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "want a name", "cpus": "want a name", "=1,2": "want a name", "cpus=": "is empty", "cpus=1,,2": "is empty",
		"cpus=1": "varies nothing", "cpus=1,1": "given twice",
	} {
		if a, err := ParseAxis(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseAxis(%q) = %v, %v; want %q", text, a, err, want)
		}
	}
}

// Cells are all combinations, each once, and lines along an axis have each cell once.
func TestCellsAndLines(t *testing.T) {
	g := Grid{{"a", []string{"1", "2"}}, {"b", []string{"x", "y", "z"}}, {"c", []string{"0", "9"}}}
	cells := g.Cells()
	names := map[string]bool{}
	for _, c := range cells {
		names[g.Name(c)] = true
	}
	if len(cells) != 12 || len(names) != 12 || g.Name(cells[1]) != "a=1 b=x c=9" {
		t.Errorf("%d cells with %d names, the second %q", len(cells), len(names), g.Name(cells[1]))
	}
	for axis, a := range g {
		seen := map[int]bool{}
		for _, line := range g.Lines(axis) {
			for k, i := range line.Cells {
				if cells[i][axis] != a.Values[k] || seen[i] {
					t.Errorf("line %q of %s has cell %v at %d", line.Fixed, a.Name, cells[i], k)
				}
				seen[i] = true
			}
		}
		if len(seen) != len(cells) {
			t.Errorf("the lines along %s have %d of %d cells", a.Name, len(seen), len(cells))
		}
	}
}

func TestGridsAreChecked(t *testing.T) {
	many := make([]string, 20)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	for want, g := range map[string]Grid{
		"nothing is varied": nil, "twice": {{"a", many}, {"a", many}}, "more than 200": {{"a", many}, {"b", many}},
		"no values": {{"a", nil}},
	} {
		if err := g.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", g, err, want)
		}
	}
}

// A header is read as it was written, and a damaged one is refused.
func TestHeaderIsRead(t *testing.T) {
	h := Header{Schema: Schema, Grid: Grid{{"a", []string{"1", "2"}}}, Order: []int{1, 0}, Folders: []string{"x", "y"}}
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(data); err != nil || got.Grid.Name(got.Grid.Cells()[1]) != "a=2" {
		t.Errorf("Decode = %+v, %v", got, err)
	}
	for from, to := range map[string]string{
		`"schema":1`: `"schema":9`, `[1,0]`: `[1,1]`, `["x","y"]`: `["x"]`, `["1","2"]`: `[]`, `{`: `[`,
		`[1,0] `: ``,
	} {
		damaged := strings.Replace(string(data), from, to, 1)
		if _, err := Decode([]byte(damaged)); err == nil && damaged != string(data) {
			t.Errorf("%s instead of %s is taken", to, from)
		}
	}
}

// The 90 % interval of a slope over log rows holds the planted one in 90 of 100.
func TestSlopeIsRecovered(t *testing.T) {
	const level, planted, seeds = 4e6, 0.7e6, 1000
	g := Grid{{"rows", []string{"1e4", "1e5", "1e6"}}, {"pool", []string{"5", "20"}}}
	inside, slopes := 0, 0
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var answers []Answer
		for _, c := range g.Cells() {
			rows, _ := strconv.ParseFloat(c[0], 64)
			f := Figure{Operation: "token", Name: "p95", Unit: "ns"}
			for range 3 {
				f.Starts = append(f.Starts, level+planted*math.Log10(rows/1e4)+0.2e6*rng.NormFloat64())
			}
			answers = append(answers, Answer{Figures: []Figure{f}})
		}
		for _, s := range g.Slopes(answers, "p95") {
			if s.Axis != "rows" {
				t.Fatalf("a slope along %s, whose values do not span a factor of ten", s.Axis)
			}
			slopes++
			if s.Low <= planted && planted <= s.High {
				inside++
			}
		}
	}
	if share := float64(inside) / float64(slopes); slopes != 2*seeds || math.Abs(share-0.9) > 0.03 {
		t.Errorf("%d slopes, %.1f %% of the intervals hold the truth; want %d and 90", slopes, 100*share, 2*seeds)
	}
}

// What is only a bound, or missing, is in no slope.
func TestSlopeNeedsFigures(t *testing.T) {
	g := Grid{{"rows", []string{"1", "100", "10000"}}}
	figure := func(bound string) Answer {
		return Answer{Figures: []Figure{{Name: "capacity", Value: 5, Starts: []float64{5, 6}, Bound: bound}}}
	}
	if s := g.Slopes([]Answer{figure(""), figure(""), figure("")}, "capacity"); len(s) != 1 || s[0].Starts != 6 {
		t.Errorf("three cells have %+v; want one slope", s)
	}
	for name, answers := range map[string][]Answer{
		"a bound": {figure(""), figure("at least"), figure("")}, "missing": {figure(""), {Missing: "x"}, figure("")},
	} {
		if s := g.Slopes(answers, "capacity"); len(s) != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
