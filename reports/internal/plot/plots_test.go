package plot

import (
	"bytes"
	"flag"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/cmpimg"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

var updateImages = flag.Bool("update", false, "rewrite the golden pictures")

func TestPercentileCurve(t *testing.T) {
	h := bench.NewHistogram()
	for i := range 1000 {
		h.Record(time.Duration(i+1) * time.Millisecond)
	}
	pts := percentileCurve(h)
	near := func(got, want float64) bool { return math.Abs(got-want) <= .002*want }
	for _, p := range pts {
		// The type-7 quantile of 1 to n is 1 + q(n-1); the last point is the maximum.
		q := 1 - math.Pow(10, -p.x)
		if want := 1 + q*999; !near(p.y, want) && p != pts[len(pts)-1] {
			t.Errorf("at P%.3f: %v ms; want %v", 100*q, p.y, want)
		}
	}
	if first, last := pts[0], pts[len(pts)-1]; first.x != 0 || first.y != 1 || last.x != 3 || last.y != 1000 {
		t.Errorf("from %v to %v; want from {0 1} to {3 1000}", first, last)
	}
	for i := 1; i < len(pts); i++ {
		if pts[i].x <= pts[i-1].x || pts[i].y < pts[i-1].y {
			t.Errorf("point %v after %v", pts[i], pts[i-1])
		}
	}
	if pts := percentileCurve(bench.NewHistogram()); pts != nil {
		t.Errorf("empty histogram: %v", pts)
	}
}

func TestLanesDoNotOverlap(t *testing.T) {
	lanes := layTrials(fixture.Usual.Run(), make([]bool, 12))
	if len(lanes) != 12 {
		t.Fatalf("%d lanes; want 12", len(lanes))
	}
	for i := 1; i < len(lanes); i++ {
		if lanes[i].start <= lanes[i-1].start+lanes[i-1].length {
			t.Errorf("trial %d begins at %v, within the one before", i+1, lanes[i].start)
		}
	}
}

// Thinning must keep the worst second: a stall is what the picture is for.
func TestThinKeepsStall(t *testing.T) {
	var seconds []bench.Second
	for i := range 1000 {
		seconds = append(seconds, bench.Second{At: time.Duration(i) * time.Second, P99: 10 * time.Millisecond})
	}
	seconds[777].P99 = 5 * time.Second
	kept := thin(seconds, 50)
	if len(kept) > 50 {
		t.Errorf("%d points; want at most 50", len(kept))
	}
	found := false
	for _, s := range kept {
		found = found || s.At == 777*time.Second
	}
	if !found {
		t.Error("the stall was lost")
	}
}

func TestRatioRows(t *testing.T) {
	r := fixture.UsualReport()
	rows := ratioRows(summary.Of(r))
	if len(rows) != len(r.Verdict.Comparisons) {
		t.Fatalf("%d rows; want %d", len(rows), len(r.Verdict.Comparisons))
	}
	for i, c := range r.Verdict.Comparisons {
		if rows[i].estimate != c.Ratio.Estimate || rows[i].low != c.Ratio.Low || rows[i].high != c.Ratio.High ||
			rows[i].limit != 1+c.Margin {
			t.Errorf("row %d is %+v; want %+v", i, rows[i], c)
		}
	}
}

// The picture itself, within what font rendering may differ.
func TestImages(t *testing.T) {
	s := summary.Of(fixture.UsualReport())
	for _, f := range []Figure{ratioFigure(s, Wide)[0], versionsFigure(s, Wide)[0]} {
		goldenImage(t, f)
	}
}

func TestReleasesImage(t *testing.T) {
	goldenImage(t, ReleasesFigures(fixture.UsualReleases(), Wide)[0])
}

func goldenImage(t *testing.T, f Figure) {
	t.Helper()
	var got bytes.Buffer
	if err := f.WritePNG(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", f.Name+"_golden.png")
	if *updateImages {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same, err := cmpimg.EqualApprox("png", got.Bytes(), want, .1)
	if err != nil {
		t.Fatal(err)
	}
	if !same {
		t.Errorf("the picture differs from %s (-update rewrites it)", path)
	}
}

// Every picture is the same when it is drawn again, and another when its data are: no
// figure is lost between run and picture.
func TestPicturesShowTheirData(t *testing.T) {
	draw := func(r summary.Report) map[string][]byte {
		out := map[string][]byte{}
		for _, f := range Draw(summary.Of(r)).Of(Wide) {
			var b bytes.Buffer
			if err := f.WritePNG(&b); err != nil {
				t.Fatal(err)
			}
			out[f.Name] = b.Bytes()
		}
		return out
	}
	first, again := draw(fixture.UsualReport()), draw(fixture.UsualReport())
	changed := fixture.UsualReport()
	for i := range changed.Run.Trials {
		trial := &changed.Run.Trials[i]
		if trial.Role != bench.Candidate {
			continue
		}
		trial.Server.CPU *= 2
		trial.Machine.Foreign += .05
		for k := range trial.Measurements {
			m := &trial.Measurements[k]
			lag := bench.NewHistogram()
			for _, s := range m.SendLag.Steps() {
				for range s.Count {
					lag.Record(s.Value * 3 / 2)
				}
			}
			m.SendLag = lag
			slower := bench.NewHistogram()
			for _, s := range m.Response.Steps() {
				for range s.Count {
					slower.Record(s.Value * 3 / 2)
				}
			}
			m.Response = slower
			for i := range m.Timeline {
				m.Timeline[i].P99, m.Timeline[i].Max = m.Timeline[i].P99*3/2, m.Timeline[i].Max*3/2
			}
		}
	}
	changed = fixture.Judge(changed.Run)
	other := draw(changed)
	if len(first) < 8 || len(other) != len(first) {
		t.Fatalf("%d and %d pictures", len(first), len(other))
	}
	for name, picture := range first {
		if same, err := cmpimg.Equal("png", picture, again[name]); err != nil || !same {
			t.Errorf("%s differs when it is drawn again (%v)", name, err)
		}
		if same, err := cmpimg.EqualApprox("png", picture, other[name], .1); err != nil || same {
			t.Errorf("%s does not show that its data changed (%v)", name, err)
		}
	}
}

// A logarithmic axis has no 0, and is named; every other vertical axis of values begins
// at 0 or names its rows.
func TestNoAxisIsCutUnmarked(t *testing.T) {
	for _, r := range fixture.Situations() {
		for _, f := range Draw(summary.Of(r)).Of(Wide) {
			for _, p := range f.panels {
				_, log := p.plot.Y.Scale.(plot.LogScale)
				_, logX := p.plot.X.Scale.(plot.LogScale)
				rows := p.plot.Y.Min < 0 // of bars and forests
				switch {
				case log && !strings.Contains(p.words(), "(log"):
					t.Errorf("%s, %s: a logarithmic axis is not named", f.Name, p.title)
				case !log && !rows && p.plot.Y.Min != 0:
					t.Errorf("%s, %s: the axis begins at %v", f.Name, p.title, p.plot.Y.Min)
				case rows && logX && !strings.Contains(p.plot.X.Label.Text, "(log"):
					t.Errorf("%s, %s: a logarithmic axis is not named", f.Name, p.title)
				case rows && !logX && p.plot.X.Min != 0:
					t.Errorf("%s, %s: bars begin at %v", f.Name, p.title, p.plot.X.Min)
				}
			}
		}
	}
}

// Baseline and candidate stay apart for eyes that lack one kind of cone: simulated by
// Machado, Oliveira and Fernandes (IEEE TVCG 15(6), 2009, severity 1), compared in CIELAB.
func TestColoursStayApartForEveryEye(t *testing.T) {
	kinds := map[string][3][3]float64{
		"all cones":     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"protanopia":    {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
		"deuteranopia":  {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
		"tritanopia":    {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}},
		"no cone works": {{.2126, .7152, .0722}, {.2126, .7152, .0722}, {.2126, .7152, .0722}},
	}
	lab := func(c color.NRGBA, see [3][3]float64) [3]float64 {
		var linear, seen [3]float64
		for i, v := range []uint8{c.R, c.G, c.B} {
			if x := float64(v) / 255; x <= .04045 {
				linear[i] = x / 12.92
			} else {
				linear[i] = math.Pow((x+.055)/1.055, 2.4)
			}
		}
		for i := range seen {
			for k := range linear {
				seen[i] += see[i][k] * linear[k]
			}
			seen[i] = min(max(seen[i], 0), 1)
		}
		f := func(t float64) float64 {
			if t > 216./24389 {
				return math.Cbrt(t)
			}
			return (24389./27*t + 16) / 116
		}
		x := f((.4124*seen[0] + .3576*seen[1] + .1805*seen[2]) / .9505)
		y := f(.2126*seen[0] + .7152*seen[1] + .0722*seen[2])
		z := f((.0193*seen[0] + .1192*seen[1] + .9505*seen[2]) / 1.089)
		return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
	}
	for name, see := range kinds {
		a, b := lab(ink("baseline"), see), lab(ink("candidate"), see)
		distance := math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
		// Of lightness alone there can be little: text in both needs contrast. There the
		// glyphs tell: hollow and full.
		if distance < 30 && name != "no cone works" {
			t.Errorf("%s: %.0f apart; want 30", name, distance)
		}
	}
	if roleGlyph(bench.Baseline) == roleGlyph(bench.Candidate) {
		t.Error("the versions' glyphs are the same")
	}
}

// Text in every colour that text has must be readable on its paper (WCAG 2.2 level AA,
// 4.5), and the edge of what can be used must be seen (3).
func TestContrast(t *testing.T) {
	luminance := func(c color.NRGBA) float64 {
		linear := func(v uint8) float64 {
			x := float64(v) / 255
			if x <= .04045 {
				return x / 12.92
			}
			return math.Pow((x+.055)/1.055, 2.4)
		}
		return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
	}
	contrast := func(a, b color.NRGBA) float64 {
		x, y := luminance(a), luminance(b)
		return (max(x, y) + .05) / (min(x, y) + .05)
	}
	by := map[string]swatch{}
	for _, s := range palette {
		by[s.name] = s
	}
	both := func(front, back string, least float64) {
		t.Helper()
		if c := contrast(by[front].light, by[back].light); c < least {
			t.Errorf("%s on light %s: %.2f; want %v", front, back, c, least)
		}
		if c := contrast(by[front].dark, by[back].dark); c < least {
			t.Errorf("%s on dark %s: %.2f; want %v", front, back, c, least)
		}
	}
	for _, name := range []string{"ink", "muted", "baseline", "candidate", "bad", "good", "doubt"} {
		both(name, "paper", 4.5)
		both(name, "band", 4.5)
		both("paper", name, 4.5) // badges
	}
	for _, wash := range []string{"bad-wash", "good-wash", "doubt-wash"} {
		for _, name := range []string{"ink", "muted", "baseline", "candidate", strings.TrimSuffix(wash, "-wash")} {
			both(name, wash, 4.5)
		}
	}
	both("line", "paper", 3) // the edge of a control, success criterion 1.4.11
}

func TestLogTicks(t *testing.T) {
	for _, span := range [][2]float64{{.001, 1e6}, {1, 1.1}, {20, 45}, {.9, 1.2}, {.3, 2}, {99, 101}} {
		ticks := logTicks(span[0], span[1], 7, units.TickNumber)
		if len(ticks) < 2 || len(ticks) > 9 {
			t.Errorf("%v: %d ticks %v", span, len(ticks), ticks)
		}
		for _, tick := range ticks {
			if tick.Value < span[0]*.999 || tick.Value > span[1]*1.001 || tick.Label == "" {
				t.Errorf("%v: tick %v", span, tick)
			}
		}
	}
}

func TestUsagePanels(t *testing.T) {
	r := fixture.UsualReport()
	trial := &r.Run.Trials[0]
	trial.Sent = 1000
	trial.Database = bench.Usage{CPU: 2 * time.Second, PeakRSS: 64 << 20, Known: true}
	trial.Counters = &bench.DatabaseCounters{Statements: []bench.Statement{{Text: "SELECT", Calls: 2500}}}
	trial.Runtime = &bench.Runtime{Heap: 32 << 20, Goroutines: 40}
	database := func(t *bench.Trial) bench.Usage { return t.Database }
	for name, test := range map[string]struct {
		value func(*bench.Trial) (float64, bool)
		want  float64
	}{
		"CPU per request, ms": {summary.CpuPerRequest(database), 2},
		"peak memory, MiB":    {summary.PeakMemory(database), 64},
		"statements":          {summary.StatementsPerRequest, 2.5},
		"heap, MiB":           {summary.Heap, 32},
		"goroutines":          {summary.Goroutines, 40},
	} {
		if got, known := test.value(trial); got != test.want || !known {
			t.Errorf("%s = %v, %v; want %v", name, got, known, test.want)
		}
		if _, known := test.value(&r.Run.Trials[1]); known {
			t.Errorf("%s is known of a trial without database", name)
		}
	}
	if n := len(usageFigure(summary.Of(r), Wide)[0].panels); n != 9 {
		t.Errorf("%d panels; want 9", n)
	}
	if n := len(usageFigure(summary.Of(fixture.UsualReport()), Wide)[0].panels); n != 3 {
		t.Errorf("%d panels without database; want 3", n)
	}
}

// Pictures grey out what no comparison contains: a disturbed trial, and its mate.
func TestPicturesLeaveOutTheMate(t *testing.T) {
	run := fixture.UsualReport().Run
	disturbed := slices.IndexFunc(run.Trials, func(t bench.Trial) bool { return len(t.Excluded) > 0 })
	mate := slices.IndexFunc(run.Trials, func(t bench.Trial) bool {
		return t.Pair == run.Trials[disturbed].Pair && len(t.Excluded) == 0
	})
	s := summary.Of(summary.Report{Run: run})
	for i, l := range layTrials(run, s.InComparison) {
		if want := i == disturbed || i == mate; l.out != want {
			t.Errorf("time-line: trial %d is left out: %v; want %v", i+1, l.out, want)
		}
	}
	for _, c := range interferenceFigure(s, Wide)[0].Charts() {
		grey := c.Values[len(c.Values)-1] // the last column is of what does not count
		for i, v := range grey {
			if want := i == disturbed || i == mate; math.IsNaN(float64(v)) == want {
				t.Errorf("%s: trial %d does not count: %v; want %v", c.Title, i+1, !math.IsNaN(float64(v)), want)
			}
		}
	}
}

// A run of one version keeps disturbed trials, so no picture of it says they are excluded.
func TestLimitOfARunOfOneVersion(t *testing.T) {
	for name, want := range map[string]string{"usual": "a trial above is excluded",
		"single": "a trial above is disturbed"} {
		for _, c := range interferenceFigure(summary.Of(fixture.Situations()[name]), Wide)[0].Charts() {
			for _, rule := range c.Rules {
				if rule.Label != want {
					t.Errorf("%s, %s: %q; want %q", name, c.Title, rule.Label, want)
				}
			}
		}
	}
}

// A trial whose answers came late is as long in the picture as its last answer.
func TestLanesReachTheLastAnswer(t *testing.T) {
	trial := bench.Trial{Load: bench.Load{Length: 3500 * time.Millisecond}, Measurements: []bench.Measurement{
		{Operation: "a", Timeline: []bench.Second{{At: 0, Answered: 9}, {At: 5 * time.Second, Answered: 2}}},
	}}
	lanes := layTrials(&bench.Run{Trials: []bench.Trial{trial}}, []bool{true})
	if lanes[0].length != 6 || !strings.HasPrefix(rateTitle(lanes), "expected answers") {
		t.Errorf("a lane of %v s, titled %q; want 6 s, of answers", lanes[0].length, rateTitle(lanes))
	}
}
