package answer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/github"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/reports"
)

// Run prints the report on a run and writes the files into dir.
func (p Printer) Run(run *bench.Run, dir string) error {
	d, err := judged.Document(run)
	if err != nil {
		return err
	}
	return p.Document(d, dir)
}

// Document prints a report and writes the files into dir.
func (p Printer) Document(d *reports.Document, dir string) error {
	written := d.WriteAll(dir)
	err := p.Show(d)
	if written == nil {
		fmt.Fprintf(p.Aside(), "\nreport: %s/report.html\n", dir)
		written = github.Tell(p.Aside(), dir, because(d))
	}
	if err = errors.Join(err, FirstLine(written)); err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return exitcode.With(p.Fail.Code(d.Decision))
}

// because are a document's reasons, each with what it decided.
func because(d *reports.Document) []github.Reason {
	all := github.Of(d.Decision, d.Reasons)
	for i := range d.Decided {
		all[i].Decision = d.Decided[i]
	}
	return all
}

// Stored prints the report on what is stored in dir. Its files are written anew when people read
// it; any other format is printed alone.
func (p Printer) Stored(dir string) error {
	d, err := judged.Stored(dir)
	if err != nil {
		return err
	}
	if p.text() {
		return p.Document(d, dir)
	}
	if err := p.Show(d); err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return exitcode.With(p.Fail.Code(d.Decision))
}

// FirstLine is the first of joined errors, with the number of the others: when a disk
// is full every file has the same news.
func FirstLine(err error) error {
	if err == nil {
		return nil
	}
	first, rest, more := strings.Cut(err.Error(), "\n")
	if !more {
		return err
	}
	return fmt.Errorf("%s (and %d more like it)", first, 1+strings.Count(rest, "\n"))
}
