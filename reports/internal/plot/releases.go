package plot

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// figures is the picture of all versions.
func ReleasesFigures(r summary.Releases, sz size) []Figure {
	var f versionBars
	for _, v := range r.Versions() {
		f.versions = append(f.versions, barVersion{shortName(v.Name, 26), v.Role})
	}
	for _, op := range r.Operations() {
		g := barGroup{operation: op, values: make([][]summary.Located, len(f.versions))}
		for _, rows := range r.Rows(op) {
			for i, row := range rows {
				g.values[i] = append(g.values[i], row.Located)
			}
		}
		f.groups = append(f.groups, g)
	}
	return f.figure("releases", "P95 and P99 per release", sz)
}

// Parts makes a figure of each panel, so that every operation has a picture of its own.
func Parts(figures []Figure) []Figure {
	var all []Figure
	for _, f := range figures {
		for i, p := range f.panels {
			one := f
			one.part = fmt.Sprintf("-%d", i+1)
			one.Name = f.Name + one.part
			operation, _, _ := strings.Cut(p.title, ": response time")
			one.Title = operation + ": " + f.Title
			p.title = ""
			one.panels = []panel{p}
			if i > 0 {
				one.Caption = ""
			}
			all = append(all, one)
		}
	}
	return all
}
