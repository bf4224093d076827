package reports

import (
	"fmt"
	"io"

	"oauthbench/reports/internal/summary"
	"oauthbench/reports/page"
)

// Format is one way to write a report.
type Format struct {
	Name    string // as it is asked for on a command line
	Ext     string // of the file, with its dot
	File    string // name that WriteAll gives it; of a format of several files, their pattern
	Summary string // one line for help
	write   func(io.Writer, *summary.Summary) error
	files   func(*summary.Summary) []file // of a format of several files: then write is nil
}

// file is one of several files of a format.
type file struct {
	name  string
	write func(io.Writer) error
}

// Single tells whether the format is one file, which Write can write.
func (f Format) Single() bool { return f.write != nil }

// Write writes the report in this format, which must be Single.
func (f Format) Write(w io.Writer, r summary.Report) error {
	if !f.Single() {
		return fmt.Errorf("%s has several files (%s): WriteAll writes them", f.Name, f.File)
	}
	return f.write(w, summary.Of(r))
}

// Formats are the formats there are. Plots are files of their own: see WriteAll.
var Formats = []Format{
	{Name: "text", Ext: ".txt", File: "report.txt", Summary: "table for a terminal, at most 100 columns", write: writePlainText},
	{Name: "markdown", Ext: ".md", File: "report.md", Summary: "comment for a pull request", write: writeMarkdown},
	{Name: "json", Ext: ".json", File: "verdict.json", Summary: "verdict, figures and outcomes for programs", write: writeJSON},
	{Name: "junit", Ext: ".xml", File: "junit.xml", Summary: "a test case for each gate and SLO, for CI systems", write: writeJUnit},
	{Name: "html", Ext: ".html", File: "report.html", Summary: "page with charts, one file, works offline", write: page.WriteHTML},
	{Name: "csv", Ext: ".csv", File: "trials.csv", Summary: "a row for each trial, operation and quantile, for spreadsheets and data frames", write: writeCSV},
	{Name: "hlog", Ext: ".hlog", File: "trials.hlog", Summary: "HdrHistogram interval log, a line for each trial and operation", write: writeHlog},
	{Name: "hgrm", Ext: ".hgrm", File: "OPERATION-VERSION.hgrm", Summary: "HdrHistogram percentile distributions, for its plotter", files: hgrmFiles},
}
