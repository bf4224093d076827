package answer

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"oauthbench/bench"
	"oauthbench/internal/exitcode"
	"oauthbench/internal/github"
	"oauthbench/internal/judged"
	"oauthbench/reports"
)

// WriteRun prints the table on stdout and writes the files into dir.
func WriteRun(run *bench.Run, dir string, fail exitcode.FailOn, stdout io.Writer) error {
	d, err := judged.Document(run)
	if err != nil {
		return err
	}
	return WriteDocument(d, dir, fail, stdout)
}

// WriteDocument prints the table on stdout and writes the files into dir.
func WriteDocument(d *reports.Document, dir string, fail exitcode.FailOn, stdout io.Writer) error {
	written := d.WriteAll(dir)
	err := PrintDocument(stdout, d)
	if written == nil {
		fmt.Fprintf(stdout, "\nreport: %s/report.html\n", dir)
		written = github.Tell(stdout, dir, d.Decision, d.Reasons)
	}
	if err = errors.Join(err, FirstLine(written)); err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return exitcode.With(fail.Code(d.Decision))
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
