package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// Read back with HdrHistogram's own reader, the intervals of each tag merge to the
// headline figures, and lie where the trials lay.
func TestHlogRoundTrip(t *testing.T) {
	for name, r := range fixture.Situations() {
		s := summary.Of(r)
		log := write(t, "hlog", r)
		merged := map[string]*hdr.Histogram{}
		reader := hdr.NewHistogramLogReader(bytes.NewReader(log))
		intervals := 0
		for {
			h, err := reader.NextIntervalHistogram()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if h == nil {
				break
			}
			intervals++
			start, end := time.UnixMilli(h.StartTimeMs()), time.UnixMilli(h.EndTimeMs())
			found := false
			for _, trial := range r.Run.Trials {
				// The reader multiplies by 1000 in floating point, and truncates.
				near := func(a time.Time, b time.Time) bool { return a.Sub(b).Abs() <= 2*time.Millisecond }
				found = found || near(start, trial.Started.Add(trial.Load.LeadIn)) &&
					near(end, trial.Started.Add(trial.Load.Length))
			}
			if !found {
				t.Errorf("%s: interval %v to %v is no trial's", name, start.UTC(), end.UTC())
			}
			if merged[h.Tag()] == nil {
				merged[h.Tag()] = hdr.New(h.LowestTrackableValue(), h.HighestTrackableValue(),
					int(h.SignificantFigures()))
			}
			if dropped := merged[h.Tag()].Merge(h); dropped > 0 {
				t.Errorf("%s: %d values of %s were dropped", name, dropped, h.Tag())
			}
		}
		lines := 0
		for i, op := range s.Operations {
			for k, m := range op.Sides {
				tag := string(s.Sides[k].Role) + "/" + summary.FileNames(s)[i]
				for suffix, want := range map[string]*bench.Histogram{"": m.Response, "/service": m.Service,
					"/send_lag": m.SendLag} {
					got := merged[tag+suffix]
					delete(merged, tag+suffix)
					if got == nil {
						got = hdr.New(1, int64(time.Hour), 3)
					}
					expected := hdr.New(1, int64(time.Hour), 3)
					want.HDR().MergeInto(expected)
					if !got.Equals(expected) {
						t.Errorf("%s, %s%s: %d values; want %d, or they differ", name, tag, suffix, got.TotalCount(),
							want.Count())
					}
				}
				lines += 3 * m.Trials
			}
		}
		if len(merged) > 0 || intervals != lines {
			t.Errorf("%s: %d intervals, want %d; tags that nothing has: %v", name, intervals, lines, merged)
		}
	}
}

// payload is a histogram within a line, whose bytes depend on the compressor.
var payload = regexp.MustCompile(`HISTFAAAA[A-Za-z0-9+/=]+`)

func TestExportGoldens(t *testing.T) {
	all := fixture.Situations()
	golden(t, "single.csv", write(t, "csv", all["single"]))
	for _, name := range []string{"single", "contradictory", "empty"} {
		golden(t, name+".hlog", payload.ReplaceAll(write(t, "hlog", all[name]), []byte("...")))
	}
	d := OfRun(all["usual"])
	for _, f := range hgrmFiles(d) {
		if f.name == "token-candidate.hgrm" {
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, f.name, b.Bytes())
		}
	}
	if n := len(hgrmFiles(d)); n != 6 {
		t.Errorf("%d distributions; want one for each of 3 operations and 2 versions", n)
	}
}

// A distribution says what HdrHistogram's library says of the same counts, ascends, and
// keeps its nines beyond a million requests.
func TestHgrm(t *testing.T) {
	h := bench.NewHistogram()
	for i := range 3_000_000 {
		h.Record(time.Duration(1000 + i%1000))
	}
	h.Record(time.Minute)
	s := summary.Of(fixture.UsualReport())
	var b bytes.Buffer
	if err := writeHgrm(&b, s, "token", s.Sides[0], h); err != nil {
		t.Fatal(err)
	}
	var last struct{ value, quantile float64 }
	lines, nines := 0, false
	for line := range strings.Lines(b.String()) {
		var value, quantile, inverse float64
		var count int64
		n, _ := fmt.Sscan(line, &value, &quantile, &count, &inverse)
		if n < 3 {
			continue // header, footer
		}
		if n == 3 && quantile < 1 || value < last.value || quantile < last.quantile || quantile > 1 {
			t.Errorf("line %q after %v", line, last)
		}
		last.value, last.quantile = value, quantile
		nines = nines || quantile > .9999995 && quantile < 1
		lines++
		if n == 4 && count < int64(quantile*float64(h.Count())) {
			t.Errorf("line %q: %d of %d values are less than its percentile", line, count, h.Count())
		}
	}
	if lines < 50 || !nines || last.quantile != 1 || last.value < 59_900 || last.value > 60_100 {
		t.Errorf("%d lines that end with %v; six nines: %v", lines, last, nines)
	}
}
