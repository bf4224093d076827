package answer

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/oauthbench/oauthbench/internal/exitcode"
	"github.com/oauthbench/oauthbench/internal/github"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/reports"
)

// Releases sets stored runs beside each other, in the order given.
func (p Printer) Releases(dirs, allow []string, out string) error {
	var runs []reports.Release
	for _, dir := range dirs {
		run, err := session.Read(dir)
		if err != nil {
			return err
		}
		r, err := judged.Run(run)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		runs = append(runs, reports.Release{Dir: dir, Report: r})
	}
	differs, refused, err := ReleasesDiffer(runs, allow)
	if err != nil {
		return err
	}
	if refused != nil {
		return fmt.Errorf("the runs were not measured alike: %s; measure alike, or name what may differ with --allow",
			strings.Join(refused, "; "))
	}
	return p.WriteReleases(reports.OfReleases(runs, differs, nil), out)
}

// WriteReleases prints the report on several runs and, if out is not "", writes files into it.
func (p Printer) WriteReleases(r *reports.Document, out string) error {
	err := p.Show(r)
	if out != "" {
		written := errors.Join(os.MkdirAll(out, 0o755), FirstLine(r.WriteAll(out)))
		if written == nil {
			fmt.Fprintf(p.Aside(), "\nreport: %s/report.html\n", out)
			written = github.Tell(p.Aside(), out, because(r))
		}
		err = errors.Join(err, written)
	}
	if err != nil {
		return &exitcode.Unfinished{Err: err}
	}
	return exitcode.With(p.Fail.Code(r.Decision))
}

// ReleasesDiffer names the properties in which runs differ from the first, and those that
// may not differ.
func ReleasesDiffer(runs []reports.Release, allow []string) (named, refused []string, err error) {
	var stored []targets.Stored
	for _, r := range runs {
		stored = append(stored, targets.Stored{Dir: r.Dir, Header: r.Run.Header})
	}
	return targets.ReleasesDiffer(stored, allow)
}
