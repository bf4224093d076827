package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"oauthbench/internal/github"
	"oauthbench/internal/judged"
	"oauthbench/internal/session"
	"oauthbench/internal/targets"
	"oauthbench/reports"
)

// reportReleases sets stored runs beside each other, in the order given.
func reportReleases(dirs, allow []string, out string, fail failOn, stdout io.Writer) error {
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
	differs, refused, err := releasesDiffer(runs, allow)
	if err != nil {
		return err
	}
	if refused != nil {
		return fmt.Errorf("the runs were not measured alike: %s; measure alike, or name what may differ with --allow",
			strings.Join(refused, "; "))
	}
	return writeReleases(reports.OfReleases(runs, differs, nil), out, fail, stdout)
}

// writeReleases prints the table on stdout and, if out is not "", writes files into it.
func writeReleases(r *reports.Document, out string, fail failOn, stdout io.Writer) error {
	err := printDocument(stdout, r)
	if out != "" {
		written := errors.Join(os.MkdirAll(out, 0o755), firstLine(r.WriteAll(out)))
		if written == nil {
			fmt.Fprintf(stdout, "\nreport: %s/report.html\n", out)
			written = github.Tell(stdout, out, r.Decision, r.Reasons)
		}
		err = errors.Join(err, written)
	}
	if err != nil {
		return &unfinished{err}
	}
	return exitWith(fail.code(r.Decision))
}

// releasesDiffer names the properties in which runs differ from the first, and those that
// may not differ.
func releasesDiffer(runs []reports.Release, allow []string) (named, refused []string, err error) {
	var stored []targets.Stored
	for _, r := range runs {
		stored = append(stored, targets.Stored{Dir: r.Dir, Header: r.Run.Header})
	}
	return targets.ReleasesDiffer(stored, allow)
}
