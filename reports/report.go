package reports

import (
	"io"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Report is a run and what was decided about it. Run must not be nil; the zero
// Verdict stands for a run in which nothing was compared.
type Report struct {
	Run     *bench.Run
	Verdict verdict.Verdict
}

// Decision is what the report says was decided: the verdict's decision, or Invalid
// when the run contradicts itself. "" means that nothing was compared. A program's
// exit code must come from here, so that it agrees with the page.
func (r Report) Decision() verdict.Decision {
	if len(Audit(r)) > 0 {
		return verdict.Invalid
	}
	return r.Verdict.Decision
}

// Format is one way to write a report.
type Format struct {
	Name    string // as it is asked for on a command line
	Ext     string // of the file, with its dot
	File    string // name that WriteAll gives it, "" when WriteAll leaves it out
	Summary string // one line for help
	write   func(io.Writer, *summary) error
}

// Write writes the report in this format.
func (f Format) Write(w io.Writer, r Report) error { return f.write(w, summarize(r)) }

// Formats are the formats there are. Plots are files of their own: see WriteAll.
var Formats = []Format{
	{"text", ".txt", "report.txt", "table for a terminal, at most 100 columns", writePlainText},
	{"markdown", ".md", "report.md", "comment for a pull request", writeMarkdown},
	{"json", ".json", "verdict.json", "verdict, figures and outcomes for programs", writeJSON},
	{"junit", ".xml", "junit.xml", "a test case for each gate and SLO, for CI systems", writeJUnit},
	{"html", ".html", "report.html", "page with charts, one file, works offline", writeHTML},
}
