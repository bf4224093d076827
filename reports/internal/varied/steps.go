package varied

import (
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Steps are what a reader can do next, the most useful first. Each follows from what was measured.
func (v *Varied) Steps() []string {
	var all []string
	if left := len(v.Cells) - v.Measured(); left > 0 {
		all = append(all, fmt.Sprintf("go on with what is left, %s: oauthbench capacity --resume FOLDER --budget 30m",
			units.Plural(left, "cell")))
	}
	instances := slices.IndexFunc(v.Grid, func(a grid.Axis) bool { return a.Name == grid.Replicas })
	if v.Shared != "" {
		all = append(all, "give each instance, the database and the generator CPUs of their own, for scaling and not "+
			"contention: --cpuset server=2-5 --cpuset database=1 --generator-cpus 0")
	}
	for _, l := range v.Laws {
		if l.Law == nil && instances >= 0 && len(v.Grid[instances].Values) < 4 {
			all = append(all, "a scaling law needs four numbers of instances at the least: --replicas 1,2,3,4")
			break
		}
	}
	for _, l := range v.Laws {
		if l.Law != nil && l.Law.Points < 6 {
			all = append(all, fmt.Sprintf(
				"narrow the law's intervals, which rest on %s: --searches 3, or more numbers of "+
					"instances", units.Plural(l.Law.Points, "search")))
			break
		}
	}
	for _, s := range v.Slopes {
		if s.Low > 0 && s.Unit == "ns" {
			all = append(all, fmt.Sprintf("look at what the server does once for each of %s: %s grows with them",
				plaintext.Line(s.Axis), plaintext.Line(s.Operation)))
			break
		}
	}
	if instances >= 0 && !v.Fixed && len(v.Grid) == 1 && v.Measured() == len(v.Cells) {
		all = append(all, "see how many instances a peak needs: oauthbench size FOLDER --peak 'token 300/s'")
	}
	return append(all, "each cell has a report of its own in its folder: oauthbench report FOLDER/"+
		plaintext.Line(v.Folders[0]))
}
