package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
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

// The truth of a request is what the server took, and of one due in a stall the whole
// wait, wherever the generator was meanwhile.
func TestTruths(t *testing.T) {
	const ms = int64(time.Millisecond)
	a := account{
		StallBegan: 1000 * ms, StallEnded: 3000 * ms,
		Requests: []request{
			{Number: 0, Start: 505 * ms, End: 510 * ms},    // due at 500, sent 5 ms late: no part of the truth
			{Number: 1, Start: 1000 * ms, End: 3001 * ms},  // due at 1000, when the stall began
			{Number: 4, Start: 3000 * ms, End: 3005 * ms},  // due at 2500, held back by the generator
			{Number: 5, Start: 3100 * ms, End: 3105 * ms},  // due at 3000: the stall is over
			{Number: -1, Start: 2999 * ms, End: 3000 * ms}, // not numbered: as the server saw it
			{Number: 6, Start: 3500 * ms},                  // never answered
		},
	}
	got := a.truths(500*ms, float64(500*ms))
	want := []time.Duration{5, 2001, 505, 5, 1}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(got, want) {
		t.Errorf("truths %v; want %v", got, want)
	}
	// Who does not tell when requests were due is held against all that should have been
	// sent: at 2/s over the 2 s of the stall, four.
	ideal := a.ideal(2)
	want = []time.Duration{5, 5, 5, 2000, 1500, 1000, 500}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(ideal, want) {
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
	}{{5150 * us, 5000 * us, true}, {5151 * us, 5000 * us, false}, {4850 * us, 5000 * us, true}, {1020 * 1000 * us, 1000 * 1000 * us, true}, {1021 * 1000 * us, 1000 * 1000 * us, false}} {
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
	for _, key := range []string{"rate", "ours_cpu_us", "vegeta_cpu_us", "cpu_ratio", "ours_rss_bytes", "vegeta_rss_bytes"} {
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
	defer s.close()
	stall := script{Delays: "constant", Stall: time.Second, After: 500 * time.Millisecond}
	truth, r, err := judged(t.Context(), s, stall, task{Contestant: "ours", URL: s.url + "/scripted", Rate: 100, Length: 2 * time.Second, Numbered: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.OK != 200 || len(r.Times) != 3 {
		t.Fatalf("%d answers, times %v; want 200 and three", r.OK, r.Times)
	}
	// Half of the arrivals are due in the stall, evenly: P99 of them all is 980 ms.
	if truth[2] < 900*time.Millisecond {
		t.Errorf("the truth's P99 is %v; want the stall in it", truth[2])
	}
	if r.Times[2] < truth[2]-20*time.Millisecond {
		t.Errorf("P99 told %v, the truth is %v: a part of the stall was left out", r.Times[2], truth[2])
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	if err := p.table("x", [][]column{{number("rate", "rate /s", 2000, "%.0f"), {"who", "who", "ours", "ours"}}}); err != nil {
		t.Fatal(err)
	}
	if want := "\n| rate /s | who |\n| --: | --- |\n| 2000 | ours |\n\n"; out.String() != want {
		t.Errorf("%q; want %q", out.String(), want)
	}
	if err := run([]string{"-no-such-flag"}, strings.NewReader(""), io.Discard, io.Discard); err == nil {
		t.Error("an unknown flag was accepted")
	}
}
