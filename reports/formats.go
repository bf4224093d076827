package reports

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/wholefile"
)

// Format is one way to write a document.
type Format struct {
	Name    string // as it is asked for on a command line
	Ext     string // of the file, with its dot
	File    string // name that WriteAll gives it; of a format of several files, their pattern
	Summary string // one line for help
	OnAsk   bool   // it is written when it is asked for, and not with every report
	figures bool   // it is kept among figures of other runs: of an invalid run there is none
	trials  bool   // what it holds are single trials: without them there is no file
	write   func(io.Writer, *Document) error
	files   func(*Document) []file // of a format of several files: then write is nil
}

// Single tells whether the format is one file, which Write can write.
func (f Format) Single() bool { return f.write != nil }

// Write writes the document in this format, which must be Single.
func (f Format) Write(w io.Writer, d *Document) error {
	if !f.Single() {
		return fmt.Errorf("%s has several files (%s): WriteAll writes them", f.Name, f.File)
	}
	if f.trials && len(d.runs) == 0 {
		return fmt.Errorf("%s holds single trials, and this report has none", f.Name)
	}
	if f.figures && d.Decision == verdict.Invalid {
		return fmt.Errorf("an invalid run has no figures to keep, so there is no %s of it", f.Name)
	}
	return concealed(w, func(w io.Writer) error { return f.write(w, d) })
}

// filesOf are the files that the format makes of a document.
func (f Format) filesOf(d *Document) []file {
	switch {
	case f.trials && len(d.runs) == 0:
		return nil
	case !f.Single():
		return f.files(d)
	case f.Name == "json" && d.jsonFile != "":
		return []file{{d.jsonFile, func(w io.Writer) error { return f.write(w, d) }}}
	}
	return []file{{f.File, func(w io.Writer) error { return f.write(w, d) }}}
}

// Formats are the formats there are; every kind of document is written in each.
var Formats = []Format{
	{Name: "text", Ext: ".txt", File: "report.txt", Summary: "table for a terminal, at most 100 columns",
		write: writeText},
	{Name: "markdown", Ext: ".md", File: "report.md", Summary: "comment for a pull request", write: writeMarkdown},
	{Name: "json", Ext: ".json", File: "verdict.json", Summary: "verdict, figures and outcomes for programs",
		write: writeJSON},
	{Name: "junit", Ext: ".xml", File: "junit.xml", Summary: "a test case for each gate and SLO, for CI systems",
		write: writeJUnit},
	{Name: "html", Ext: ".html", File: "report.html", Summary: "page with charts, one file, works offline",
		write: writeHTML},
	{Name: "csv", Ext: ".csv", File: "trials.csv",
		Summary: "a row for each trial, operation and quantile, for spreadsheets and data frames", write: writeCSV},
	{Name: "hlog", Ext: ".hlog", File: "trials.hlog",
		Summary: "HdrHistogram interval log, a line for each trial and operation", trials: true, write: writeHlog},
	{Name: "hgrm", Ext: ".hgrm", File: "OPERATION-VERSION.hgrm",
		Summary: "HdrHistogram percentile distributions, for its plotter", trials: true, files: hgrmFiles},
	{Name: "plots", Ext: ".svg", File: "PICTURE.png, PICTURE.svg", Summary: "each still picture of the page as a file",
		files: pictureFiles},
	{Name: "openmetrics", Ext: ".txt", File: "metrics.txt", OnAsk: true,
		Summary: "gauges for GitLab's metrics reports and for Prometheus", write: writeOpenMetrics},
	{Name: "bencher", Ext: ".json", File: "bencher.json", OnAsk: true, figures: true,
		Summary: "Bencher's metric format", write: writeBencher},
	{Name: "action-benchmark", Ext: ".json", File: "action-benchmark.json", OnAsk: true, figures: true,
		Summary: "for github-action-benchmark (customSmallerIsBetter)", write: writeActionBenchmark},
	{Name: "gobench", Ext: ".txt", File: "gobench.txt", OnAsk: true, figures: true,
		Summary: "lines of Go's benchmark format, for benchstat, one a trial where there are any", write: writeGoBench},
}

func writeText(w io.Writer, d *Document) error { return d.WriteText(w, false) }

func writeHTML(w io.Writer, d *Document) error {
	if d.page != nil {
		return d.page(w)
	}
	return writePlainPage(w, d)
}

// SingleFormats are the names of the formats that are one file.
func SingleFormats() []string {
	var names []string
	for _, f := range Formats {
		if f.Single() {
			names = append(names, f.Name)
		}
	}
	return names
}

// Named is one of Formats by its name, which must be one.
func Named(name string) Format {
	return Formats[slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })]
}

// FormatHelp has a line for each format.
func FormatHelp() string {
	var b strings.Builder
	for _, f := range Formats {
		fmt.Fprintf(&b, "  %-16s %s\n      %s\n", f.Name, f.File, f.Summary)
	}
	return b.String()
}

// WriteAll writes the document in every format that is not OnAsk into dir, which must exist. Each file
// appears whole or not at all; a file of an earlier report is replaced. It goes on after
// an error, so that one bad picture does not cost the verdict, and joins the errors; each
// names its file.
func (d *Document) WriteAll(dir string) error {
	var files []file
	for _, format := range Formats {
		if format.OnAsk {
			continue
		}
		files = append(files, format.filesOf(d)...)
	}
	var errs []error
	for _, f := range files {
		errs = append(errs, writeFile(filepath.Join(dir, f.name), f.write))
	}
	return errors.Join(errs...)
}

// pictureFiles are the still pictures, for light and dark paper.
func pictureFiles(d *Document) []file {
	if d.pictures == nil {
		return nil
	}
	var files []file
	for _, fig := range d.pictures() {
		files = append(files, file{fig.Name + ".png", fig.WritePNG}, file{fig.Name + ".svg", fig.WriteSVG})
	}
	return files
}

// writeFile writes path whole or not at all, without the secrets of this process.
func writeFile(path string, write func(io.Writer) error) error {
	err := wholefile.Replace(path, func(w io.Writer) error { return concealed(w, write) })
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// concealed writes without the secrets of this process.
func concealed(w io.Writer, write func(io.Writer) error) error {
	out := plaintext.Secrets.Writer(w)
	return errors.Join(write(out), out.Flush())
}

// file is one of several files of a format.
type file struct {
	name  string
	write func(io.Writer) error
}
