package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"oauthbench/bench"
	"oauthbench/internal/github"
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
		r, err := judged(run)
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

// releasesDiffer names the properties in which runs differ from the first. Settings of
// the servers may differ: that is what releases do. refused is what they were measured
// with, and was not allowed to differ.
func releasesDiffer(runs []reports.Release, allow []string) (named, refused []string, err error) {
	var first, firstOwn []targets.Property
	var all [][]targets.Property
	for _, r := range runs {
		role := bench.Candidate
		if _, ok := r.Run.Deployments[role]; !ok {
			role = bench.Baseline
		}
		one, err := targets.Fingerprint(r.Run.Header, role)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Dir, err)
		}
		own := append(targets.Settings(r.Run.Deployments[role]), targets.Property{Name: "server"},
			targets.Property{Name: "database"})
		all = append(all, one)
		if first == nil {
			first, firstOwn = one, own
		}
		for _, d := range targets.Differences(first, one) {
			text := fmt.Sprintf("%v in %s, against %s", d, r.Dir, runs[0].Dir)
			ofServer := slices.ContainsFunc(slices.Concat(own, firstOwn), func(p targets.Property) bool {
				return p.Name == d.Name
			})
			if ofServer || slices.Contains(allow, d.Name) {
				named = append(named, text)
			} else {
				refused = append(refused, text)
			}
		}
	}
	return named, refused, targets.CheckAllowed(allow, all...)
}
