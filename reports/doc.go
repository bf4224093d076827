// Package reports says in words, tables and pictures what a stored run holds and
// what was decided about it. It measures nothing and decides nothing: everything is
// drawn from the run and the verdict, so that every report can be made again a year
// later, and two reports of one run never disagree.
//
// A format is one entry in Formats. All of them read the same summary
// (internal/summary), so that a figure is computed once. Pictures (internal/plot) are
// drawn once and for all: on a PNG, and on an SVG whose colours follow the reader's
// light or dark theme, alone in a file or within report.html (page).
//
// Before anything is shown the run is audited (see Audit): figures that contradict
// each other are reported instead of a verdict, but for what speaks against a version
// without them.
package reports
