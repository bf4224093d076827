package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// writeHlog writes an HdrHistogram interval log, V1.3: for each trial that counts and
// each of its operations an interval, from the end of the lead-in to the end of the
// schedule, in nanoseconds. The tag tells what it holds: "baseline/token" is response
// time, "baseline/token/service" and "baseline/token/send_lag" are what it is made of. All
// intervals of a tag together are the headline figures.
//
// Note: hdrhistogram-go's HistogramLogWriter cuts the times of the header to seconds,
// where Java's and every reader have milliseconds, and encodes again what the run file has
// encoded: ten million requests then take a second. So the lines are written here.
//
// Of several runs each tag begins with the name of its release, and a slash.
func writeHlog(w io.Writer, d *Document) error {
	for i, run := range d.runs {
		if err := writeHlogOf(w, run, i == 0); err != nil {
			return err
		}
	}
	return nil
}

func writeHlogOf(w io.Writer, s namedRun, first bool) error {
	within := ""
	if s.name != "" {
		within = summary.FileName(s.name) + "/"
	}
	start := s.Run.Started.UTC()
	seconds := func(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
	var b strings.Builder
	fmt.Fprintf(&b, "#[oauthbench %s: %s]\n", plaintext.Line(s.Run.Tool), s.Headline())
	fmt.Fprintf(&b, "#[Histogram log format version %s]\n", hdr.HISTOGRAM_LOG_FORMAT_VERSION)
	fmt.Fprintf(&b, "#[BaseTime: %.3f (seconds since epoch)]\n", seconds(start))
	fmt.Fprintf(&b, "#[StartTime: %.3f (seconds since epoch), %s]\n", seconds(start), start.Format(time.RFC3339))
	for _, why := range s.Contradictions {
		fmt.Fprintf(&b, "#[contradiction: %s]\n", why)
	}
	if first {
		b.WriteString("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	names := summary.FileNames(s.Summary)
	for i := range s.Run.Trials {
		t := &s.Run.Trials[i]
		if !s.InHeadline[i] {
			continue
		}
		from := t.Started.Add(t.Load.LeadIn)
		for k, op := range s.Operations {
			m := t.Measurement(op.Name)
			if m == nil {
				continue
			}
			tag := within + string(t.Role) + "/" + names[k]
			for _, l := range []struct {
				tag string
				h   *bench.Histogram
			}{{tag, m.Response}, {tag + "/service", m.Service}, {tag + "/send_lag", m.SendLag}} {
				payload, err := l.h.EncodeHDR()
				if err == nil {
					_, err = fmt.Fprintf(w, "Tag=%s,%.3f,%.3f,%.3f,%s\n", l.tag, seconds(from)-seconds(start),
						max(t.Load.Length-t.Load.LeadIn, 0).Seconds(), units.Milliseconds(l.h.Max()), payload)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", l.tag, err)
				}
			}
		}
	}
	return nil
}

// hgrmFiles are a percentile distribution of response time for each operation and
// version: what HdrHistogram's plotter and gnuplot script draw.
func hgrmFiles(d *Document) []file {
	var files []file
	for _, run := range d.runs {
		files = append(files, hgrmFilesOf(run)...)
	}
	return files
}

func hgrmFilesOf(s namedRun) []file {
	var files []file
	within := ""
	if s.name != "" {
		within = summary.FileName(s.name) + "-"
	}
	names := summary.FileNames(s.Summary)
	for k, op := range s.Operations {
		for i, m := range op.Sides {
			if m.Response.Count() == 0 {
				continue
			}
			files = append(files, file{within + names[k] + "-" + string(s.Sides[i].Role) + ".hgrm",
				func(w io.Writer) error {
					return writeHgrm(w, s.Summary, op.Name, s.Sides[i], m.Response)
				}})
		}
	}
	return files
}

// hgrmTicks is how many lines each halving of the distance to 100 % takes: the default
// of HdrHistogram's own tools.
const hgrmTicks = 5

// writeHgrm writes a distribution in milliseconds, in the text form of Java's
// AbstractHistogram.outputPercentileDistribution.
//
// Note: hdrhistogram-go's PercentilesPrint has six digits of a percentile, which beyond
// a million requests are all 1.
func writeHgrm(w io.Writer, s *summary.Summary, operation string, x summary.Side, h *bench.Histogram) error {
	var b strings.Builder
	packed := h.HDR()
	counts := hdr.New(packed.LowestTrackableValue(), packed.HighestTrackableValue(), int(packed.SignificantFigures()))
	packed.MergeInto(counts) // the same geometry: nothing falls out
	fmt.Fprintf(&b, "#[oauthbench %s: %s]\n", plaintext.Line(s.Run.Tool), s.Headline())
	for _, why := range s.Contradictions {
		fmt.Fprintf(&b, "#[contradiction: %s]\n", why)
	}
	fmt.Fprintf(&b, "#[%s, %s %s: response time in milliseconds]\n", plaintext.Line(operation), x.Role,
		plaintext.Line(x.Deployment.Name))
	fmt.Fprintf(&b, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")
	for _, l := range counts.CumulativeDistributionWithTicks(hgrmTicks) {
		q := l.Quantile / 100
		fmt.Fprintf(&b, "%12.3f %2.12f %10d", units.Milliseconds(time.Duration(l.ValueAt)), q, l.Count)
		if q < 1 {
			fmt.Fprintf(&b, " %14.2f", 1/(1-q))
		}
		b.WriteString("\n")
	}
	ms := float64(time.Millisecond)
	fmt.Fprintf(&b, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", counts.Mean()/ms, counts.StdDev()/ms)
	fmt.Fprintf(&b, "#[Max     = %12.3f, Total count    = %12d]\n", float64(counts.Max())/ms, counts.TotalCount())
	_, err := io.WriteString(w, b.String())
	return err
}
