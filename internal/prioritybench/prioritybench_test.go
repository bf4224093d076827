package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// A priority that halves what pairs scatter, and a canary that knows how slow the host is, are seen
// in the tables; disturbed pairs are not.
func TestTablesShowWhatWasPlanted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var file bytes.Buffer
	for i := range 300 {
		for k, priority := range priorities {
			for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
				host, own := .1*rng.NormFloat64(), []float64{.2, .2, .1}[k]*rng.NormFloat64()
				quantile := time.Duration(5e6 * math.Exp(host+own))
				r := row{Priority: priority, Pair: i, Role: role, Canary: time.Duration(1e7 * math.Exp(host)),
					LagP50: time.Millisecond, LagP99: 2 * time.Millisecond,
					Quantiles: map[string][]time.Duration{"token": {quantile, 2 * quantile, 3 * quantile}}}
				if i == 0 {
					r.Excluded, r.Quantiles = true, map[string][]time.Duration{"token": {1, 1, 1}}
				}
				line, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				file.Write(append(line, '\n'))
			}
		}
	}
	rows, err := read(&file)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{math.Sqrt2 * math.Hypot(.2, .1), math.Sqrt2 * math.Hypot(.2, .1),
		math.Sqrt2 * math.Hypot(.1, .1)} {
		all := pairs(rows, priorities[k])
		if got := spread(all, "token", 1); len(all) != 299 || math.Abs(got-want) > .03 {
			t.Errorf("%q: %d pairs scatter by %.3f; want 299 by %.3f", priorities[k], len(all), got, want)
		}
	}
	// The host is a fifth of the variance of the two priorities that do nothing, and half of the third's.
	if r := predictsPairs(rows, "token", 0); r < .4 || r > .65 {
		t.Errorf("the canary's correlation is %.2f; want about .5", r)
	}
	var out strings.Builder
	if err := tables(&out, rows); err != nil || !strings.Contains(out.String(), "| real-time | 299 | 1.00, 2.00 |") {
		t.Errorf("tables, %v:\n%s", err, out.String())
	}
}
