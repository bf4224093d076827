package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The parts are this test binary, started again.
func TestMain(m *testing.M) {
	if os.Getenv(partVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The truth of a request is from when it was due to when its answer left, wherever the
// generator was meanwhile; how late it came is told beside it.
func TestTruths(t *testing.T) {
	const ms = time.Millisecond
	at := func(d time.Duration) int64 { return int64(d) }
	a := account{
		StallBegan: at(1000 * ms), StallEnded: at(3000 * ms),
		Requests: []request{
			{Number: 0, Start: at(505 * ms), End: at(510 * ms)},    // due at 500, 5 ms late
			{Number: 1, Start: at(1000 * ms), End: at(3001 * ms)},  // due at 1000, when the stall began
			{Number: 4, Start: at(3000 * ms), End: at(3005 * ms)},  // due at 2500, held back by the generator
			{Number: 5, Start: at(3100 * ms), End: at(3105 * ms)},  // due at 3000, in the queue behind the stall
			{Number: -1, Start: at(2999 * ms), End: at(3000 * ms)}, // not numbered
			{Number: 6, Start: at(3500 * ms)},                      // never answered
		},
	}
	got := a.truths(at(500*ms), float64(500*ms))
	want := []truth{{0, 5 * ms, 10 * ms}, {1, 0, 2001 * ms}, {4, 500 * ms, 505 * ms}, {5, 100 * ms, 105 * ms}}
	if !slices.Equal(got, want) {
		t.Errorf("truths %v; want %v", got, want)
	}

	// Each request is held against itself: 1 ms more than the truth for all of them is an
	// error of 1 ms for each, at every percentile.
	told := make([]time.Duration, 6)
	var times []time.Duration
	for _, x := range want {
		told[x.number] = x.response + ms
		times = append(times, x.response+ms)
	}
	r := result{OK: 4, FirstDue: at(500 * ms), Told: told, Times: quantiles(times, .5, .95, .99)}
	c := compare(a, r, 2)
	if c.pairs != 4 || c.unpaired != 0 || !slices.Equal(c.errors, []time.Duration{ms, ms, ms}) {
		t.Errorf("%+v; want 4 pairs, each told 1 ms more", c)
	}
	for i := range c.truth {
		if c.told[i]-c.truth[i] != ms {
			t.Errorf("percentiles told %v, true %v; want 1 ms more", c.told, c.truth)
		}
	}
	if !c.within() { // 1 ms of 305 is less than 2 %
		t.Errorf("%+v is not within", c)
	}
	// A request that was answered and not told of is no success, whatever the others say.
	told[4] = 0
	if c := compare(a, r, 2); c.within() || c.unpaired == 0 {
		t.Errorf("%+v is within; want the missing request to count", c)
	}

	// Who does not tell when requests were due is held against all that should have been
	// sent: at 2/s over the 2 s of the stall, four.
	ideal := a.ideal(2)
	if want := []time.Duration{5 * ms, 5 * ms, 5 * ms, 2000 * ms, 1500 * ms, 1000 * ms, 500 * ms}; !slices.Equal(ideal,
		want) {
		t.Errorf("ideal %v; want %v", ideal, want)
	}
}

// Against the definition (Hyndman and Fan 1996, type 7) on samples drawn at random.
func TestQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		times := make([]time.Duration, 1+rng.IntN(40))
		for i := range times {
			times[i] = time.Duration(rng.IntN(1000)) * 1000
		}
		q := rng.Float64()
		sorted := slices.Sorted(slices.Values(times))
		at := q * float64(len(times)-1)
		want := float64(sorted[int(at)])
		if int(at)+1 < len(sorted) {
			want += (at - float64(int(at))) * float64(sorted[int(at)+1]-sorted[int(at)])
		}
		if got := quantiles(times, q)[0]; (got - time.Duration(want)).Abs() > 1 {
			t.Fatalf("quantile %v of %v = %v; want %v", q, sorted, got, time.Duration(want))
		}
	}
	if got := quantiles(nil, .5); got[0] != 0 {
		t.Errorf("quantile of nothing: %v", got)
	}
}

func TestDelays(t *testing.T) {
	for _, d := range distributions {
		once, err := draw(d.name, 7)
		if err != nil {
			t.Fatal(err)
		}
		again, err := draw(d.name, 7)
		if err != nil || !slices.Equal(once, again) {
			t.Errorf("%s: the same seed draws other delays (%v)", d.name, err)
		}
		if slices.Min(once) <= 0 {
			t.Errorf("%s: a delay of %v", d.name, slices.Min(once))
		}
	}
	// The median of 100,000 log-normal delays is exp of the mean's logarithm: 5 ms.
	delays, err := draw("log-normal", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := quantiles(delays, .5)[0]; (got - 5*time.Millisecond).Abs() > 100*time.Microsecond {
		t.Errorf("median %v; want 5 ms", got)
	}
	if _, err := draw("pareto", 1); err == nil {
		t.Error("an unknown distribution was drawn")
	}
}

func TestClimb(t *testing.T) {
	var c climb
	const ms = time.Millisecond
	c.rung(1000, 2*ms, true)
	c.rung(1100, ms/2, true)
	c.rung(1200, 0, false)
	c.rung(1300, 9*ms, true)
	c.rung(1400, 20*ms, true)
	c.rung(1500, 0, false)
	if want := (climb{clean: 1100, kept: 1300, failed: 2}); c != want {
		t.Errorf("%+v; want %+v", c, want)
	}
}

func TestWithin(t *testing.T) {
	const us = time.Microsecond
	for _, c := range []struct {
		got, truth time.Duration
		want       bool
	}{{5150 * us, 5000 * us, true}, {5151 * us, 5000 * us, false}, {4850 * us, 5000 * us, true},
		{1020 * 1000 * us, 1000 * 1000 * us, true}, {1021 * 1000 * us, 1000 * 1000 * us, false}} {
		if got := within(c.got, c.truth); got != c.want {
			t.Errorf("%v of %v within: %v", c.got, c.truth, got)
		}
	}
}

// The whole command, as short as it can be: each row has all its figures. How large they
// are is not asserted, for this machine may be doing anything.
func TestCostRows(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out, json: true}
	o := options{rounds: 1, length: 300 * time.Millisecond, rates: []float64{200}}
	if err := cost(t.Context(), p, o); err != nil {
		t.Fatal(err)
	}
	var row map[string]any
	if err := json.Unmarshal(out.Bytes(), &row); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"rate", "ours_cpu_us", "vegeta_cpu_us", "cpu_ratio", "ours_rss_mb",
		"vegeta_rss_mb", "ours_allocations", "vegeta_allocations"} {
		if v, ok := row[key].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v; want a figure", key, row[key])
		}
	}
}

// A stall of the server is in our figures as it is in the truth: response times hold the
// wait of those due during it, to within what a noisy machine may add.
func TestJudgedStall(t *testing.T) {
	s, err := startServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stall := script{Delays: "constant", Stall: time.Second, After: 500 * time.Millisecond}
	c, err := judged(t.Context(), s, stall,
		task{Contestant: "ours", URL: s.URL + "/scripted", Rate: 100, Length: 2 * time.Second, Numbered: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.pairs != 200 || c.unpaired != 0 {
		t.Fatalf("%d pairs, %d without a partner; want 200 pairs", c.pairs, c.unpaired)
	}
	// Half of the arrivals are due in the stall, evenly: P99 of them all is 980 ms.
	if c.truth[2] < 900*time.Millisecond {
		t.Errorf("the truth's P99 is %v; want the stall in it", c.truth[2])
	}
	if c.told[2] < c.truth[2]-20*time.Millisecond {
		t.Errorf("P99 told %v, the truth is %v: a part of the stall was left out", c.told[2], c.truth[2])
	}
	// Both clocks are the machine's, and the answer is told of after it left.
	if c.errors[1] < 0 {
		t.Errorf("half of the answers were told of before they left: %v", c.errors)
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	if err := p.table("x", [][]column{{number("rate", "rate /s", 2000, "%.0f"),
		{"who", "who", "ours", "ours"}}}); err != nil {
		t.Fatal(err)
	}
	if want := "\n| rate /s | who |\n| --: | --- |\n| 2000 | ours |\n\n"; out.String() != want {
		t.Errorf("%q; want %q", out.String(), want)
	}
	if err := run([]string{"-no-such-flag"}, strings.NewReader(""), io.Discard, io.Discard); err == nil {
		t.Error("an unknown flag was accepted")
	}
}

// The limits are told whatever was found, and which is met.
func TestLimits(t *testing.T) {
	p := &printer{}
	p.atMost("CPU", 0.6, spread{0.6})
	p.atMost("CPU", 0.6, spread{0.61})
	p.limit("goroutines", "at most 3", "2", true)
	// Of nine rounds the second lowest and highest bound the median.
	p.atMost("CPU", 0.6, spread{.5, .9, .5, .4, .55, .6, .5, .3, .58})
	p.atMost("CPU", 0.6, spread{.5, .9, .5, .4, .55, .61, .5, .3, .58})
	if found := p.limits[3][2].text; found != "0.50 [0.40, 0.60]" {
		t.Errorf("found %q", found)
	}
	for i, want := range []string{"yes", "no", "yes", "yes", "no"} {
		if got := p.limits[i][3].text; got != want {
			t.Errorf("%v met: %q; want %q", p.limits[i], got, want)
		}
	}
}

// Each part's block of a page is replaced, and nothing else; a page without it is left as it is.
func TestBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	page := "# Page\n\n<!-- peerbench: cost -->\nold\n<!-- end -->\n\nWords.\n\n<!-- peerbench: soak -->\n<!-- end " +
		"-->\nEnd.\n"
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeBlocks(path, map[string]string{"cost": "new\n", "clean": "new\n"}); err == nil {
		t.Error("a part without a block was written")
	}
	if text, _ := os.ReadFile(path); string(text) != page {
		t.Errorf("the page was changed: %q", text)
	}
	if err := writeBlocks(path, map[string]string{"cost": "new\n", "soak": "kept\n"}); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(strings.Replace(page, "old", "new", 1), "soak -->\n", "soak -->\nkept\n", 1)
	if text, _ := os.ReadFile(path); string(text) != want {
		t.Errorf("%q; want %q", text, want)
	}
}

// Exchanges of each kind are answered, and each request is known to both sides once.
func TestKinds(t *testing.T) {
	s, err := startServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, k := range kinds {
		url, err := s.url(t.Context(), k, "/scripted")
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range pairOf {
			c, err := judged(t.Context(), s, script{Large: k.large},
				task{Contestant: who, URL: url, Rate: 100, Length: 300 * time.Millisecond, Numbered: true,
					Kind: k.name})
			if err != nil {
				t.Fatal(err)
			}
			// How many vegeta sends, and which of them it still reports, is up to the machine.
			if c.pairs == 0 || c.twice != 0 || who == "ours" && (c.pairs != 30 || c.unpaired != 0) {
				t.Errorf("%s of %s: %d pairs, %d without a partner, %d twice", k.name, who, c.pairs, c.unpaired,
					c.twice)
			}
		}
	}
}

// A soak as short as it can be has its four quarters and its two limits, and its last sample
// is of the load.
func TestSoakRows(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out, json: true}
	if err := soak(t.Context(), p, options{soak: time.Second, soakRate: 100}); err != nil {
		t.Fatal(err)
	}
	quarters := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(quarters) != 4 || len(p.limits) != 2 {
		t.Fatalf("%d quarters, limits %v", len(quarters), p.limits)
	}
	for _, line := range quarters {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if least, _ := row["least_goroutines"].(float64); least < 1 || row["rss_bytes"].(float64) <= 0 {
			t.Errorf("row %v", row)
		}
	}
}
