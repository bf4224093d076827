package reports

import (
	"io"

	"oauthbench/reports/internal/plot"
	"oauthbench/reports/internal/summary"
	"oauthbench/reports/page"
)

// Report is a run and what was decided about it.
type Report = summary.Report

// Release is one run among several.
type Release = summary.Release

// Live makes the charts of a run under way.
type Live = plot.Live

// WriteLivePage writes the page that follows a run under way.
func WriteLivePage(w io.Writer) error { return page.WriteLive(w) }

// Audit looks for figures that cannot all be true: see summary.Audit.
func Audit(r Report) []string { return summary.Audit(r) }
