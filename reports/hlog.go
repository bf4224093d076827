package reports

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"oauthbench/bench"
)

// writeHlog writes an HdrHistogram interval log, V1.3: for each trial that counts and
// each of its operations an interval, from the end of the lead-in to the end of the
// schedule, in nanoseconds. The tag tells what it holds: "baseline/token" is response
// time, "baseline/token/service" and "baseline/token/send_lag" are what it is made of. All
// intervals of a tag together are the headline figures.
//
// Note: the header is written here, because hdrhistogram-go's cuts times to seconds,
// where Java's HistogramLogWriter and every reader have milliseconds.
func writeHlog(w io.Writer, s *summary) error {
	out := hdr.NewHistogramLogWriter(w)
	start := s.run.Started.UTC()
	out.SetBaseTime(start.UnixMilli())
	seconds := float64(start.UnixMilli()) / 1000
	errs := []error{
		out.OutputComment(fmt.Sprintf("[oauthbench %s: %s]", plain(s.run.Tool), s.headline())),
		out.OutputLogFormatVersion(),
		out.OutputComment(fmt.Sprintf("[BaseTime: %.3f (seconds since epoch)]", seconds)),
		out.OutputComment(fmt.Sprintf("[StartTime: %.3f (seconds since epoch), %s]", seconds, start.Format(time.RFC3339))),
	}
	for _, why := range s.contradictions {
		errs = append(errs, out.OutputComment("[contradiction: "+why+"]"))
	}
	errs = append(errs, out.OutputLegend())
	counting := s.run.Counting()
	names := s.fileNames()
	for i := range s.run.Trials {
		t := &s.run.Trials[i]
		if !counting[i] {
			continue
		}
		for k, op := range s.operations {
			m := t.Measurement(op.name)
			if m == nil {
				continue
			}
			tag := string(t.Role) + "/" + names[k]
			errs = append(errs,
				writeInterval(out, tag, t, m.Response),
				writeInterval(out, tag+"/service", t, m.Service),
				writeInterval(out, tag+"/send_lag", t, m.SendLag))
		}
	}
	return errors.Join(errs...)
}

func writeInterval(out *hdr.HistogramLogWriter, tag string, t *bench.Trial, h *bench.Histogram) error {
	counts := h.HDR()
	counts.SetTag(tag)
	counts.SetStartTimeMs(t.Started.Add(t.Load.LeadIn).UnixMilli())
	counts.SetEndTimeMs(t.Started.Add(max(t.Load.Length, t.Load.LeadIn)).UnixMilli())
	return out.OutputIntervalPackedHistogram(counts)
}

// hgrmFiles are a percentile distribution of response time for each operation and
// version: what HdrHistogram's plotter and gnuplot script draw.
func hgrmFiles(s *summary) []file {
	var files []file
	names := s.fileNames()
	for k, op := range s.operations {
		for i, m := range op.sides {
			if m.Response.Count() == 0 {
				continue
			}
			files = append(files, file{names[k] + "-" + string(s.sides[i].role) + ".hgrm", func(w io.Writer) error {
				return writeHgrm(w, s, op.name, s.sides[i], m.Response)
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
func writeHgrm(w io.Writer, s *summary, operation string, x side, h *bench.Histogram) error {
	var b strings.Builder
	packed := h.HDR()
	counts := hdr.New(packed.LowestTrackableValue(), packed.HighestTrackableValue(), int(packed.SignificantFigures()))
	packed.MergeInto(counts) // the same geometry: nothing falls out
	fmt.Fprintf(&b, "#[oauthbench %s: %s]\n", plain(s.run.Tool), s.headline())
	for _, why := range s.contradictions {
		fmt.Fprintf(&b, "#[contradiction: %s]\n", why)
	}
	fmt.Fprintf(&b, "#[%s, %s %s: response time in milliseconds]\n", plain(operation), x.role, plain(x.deployment.Name))
	fmt.Fprintf(&b, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")
	for _, l := range counts.CumulativeDistributionWithTicks(hgrmTicks) {
		q := l.Quantile / 100
		fmt.Fprintf(&b, "%12.3f %2.12f %10d", milliseconds(time.Duration(l.ValueAt)), q, l.Count)
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
