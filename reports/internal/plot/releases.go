package plot

import (
	"fmt"
	"strings"
)

// figures is the picture of all versions.
func releasesFigures(r Releases, sz size) []figure {
	var f versionBars
	for _, v := range r.versions() {
		f.versions = append(f.versions, barVersion{clip(v.name, 22), v.role})
	}
	for _, op := range r.operations() {
		g := barGroup{operation: op, values: make([][]located, len(f.versions))}
		for _, rows := range r.rows(op) {
			for i, row := range rows {
				g.values[i] = append(g.values[i], row.located)
			}
		}
		f.groups = append(f.groups, g)
	}
	return f.figure("releases", "P95 and P99 per release", sz)
}

// parts makes a figure of each panel, so that every operation has a picture of its own.
func parts(figures []figure) []figure {
	var all []figure
	for _, f := range figures {
		for i, p := range f.panels {
			one := f
			one.part = fmt.Sprintf("-%d", i+1)
			one.name = f.name + one.part
			operation, _, _ := strings.Cut(p.title, ": response time")
			one.title = operation + ": " + f.title
			p.title = ""
			one.panels = []panel{p}
			if i > 0 {
				one.caption = ""
			}
			all = append(all, one)
		}
	}
	return all
}
