package summary

import (
	"maps"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// Fact is one property of the deployments: what was compared.
type Fact struct {
	Name   string
	Values []string // as in summary.sides
	Differ bool
}

// Facts lists every property and setting of the deployments; what differs comes
// first, because that is what the ratio is a ratio of.
func Facts(s *Summary) []Fact {
	if len(s.Sides) == 0 {
		return nil
	}
	property := func(name string, of func(bench.Deployment) string) Fact {
		f := Fact{Name: name}
		for _, side := range s.Sides {
			f.Values = append(f.Values, plaintext.Line(of(side.Deployment)))
		}
		f.Differ = len(slices.Compact(slices.Clone(f.Values))) > 1
		return f
	}
	all := []Fact{
		property("server", func(d bench.Deployment) string { return d.Server }),
		property("version", func(d bench.Deployment) string { return d.Version }),
		property("image", func(d bench.Deployment) string { return d.Image }),
		property("digest", func(d bench.Deployment) string { return d.Digest }),
		property("database", func(d bench.Deployment) string { return d.Database }),
	}
	keys := map[string]bool{}
	for _, side := range s.Sides {
		for k := range side.Deployment.Settings {
			keys[k] = true
		}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, property(plaintext.Line(k), func(d bench.Deployment) string { return d.Settings[k] }))
	}
	all = slices.DeleteFunc(all, func(f Fact) bool { return strings.Join(f.Values, "") == "" })
	slices.SortStableFunc(all, func(a, b Fact) int {
		switch {
		case a.Differ == b.Differ:
			return 0
		case a.Differ:
			return -1
		}
		return 1
	})
	return all
}

// Differences are the facts that differ.
func Differences(s *Summary) []Fact {
	return slices.DeleteFunc(Facts(s), func(f Fact) bool { return !f.Differ })
}
