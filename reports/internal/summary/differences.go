package summary

import (
	"maps"
	"slices"
	"strings"

	"oauthbench/bench"
)

// fact is one property of the deployments: what was compared.
type fact struct {
	Name   string
	Values []string // as in summary.sides
	Differ bool
}

// facts lists every property and setting of the deployments; what differs comes
// first, because that is what the ratio is a ratio of.
func (s *summary) facts() []fact {
	if len(s.sides) == 0 {
		return nil
	}
	property := func(name string, of func(bench.Deployment) string) fact {
		f := fact{Name: name}
		for _, side := range s.sides {
			f.Values = append(f.Values, plain(of(side.deployment)))
		}
		f.Differ = len(slices.Compact(slices.Clone(f.Values))) > 1
		return f
	}
	all := []fact{
		property("server", func(d bench.Deployment) string { return d.Server }),
		property("version", func(d bench.Deployment) string { return d.Version }),
		property("image", func(d bench.Deployment) string { return d.Image }),
		property("digest", func(d bench.Deployment) string { return d.Digest }),
		property("database", func(d bench.Deployment) string { return d.Database }),
	}
	keys := map[string]bool{}
	for _, side := range s.sides {
		for k := range side.deployment.Settings {
			keys[k] = true
		}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, property(plain(k), func(d bench.Deployment) string { return d.Settings[k] }))
	}
	all = slices.DeleteFunc(all, func(f fact) bool { return strings.Join(f.Values, "") == "" })
	slices.SortStableFunc(all, func(a, b fact) int {
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

// differences are the facts that differ.
func (s *summary) differences() []fact {
	return slices.DeleteFunc(s.facts(), func(f fact) bool { return !f.Differ })
}
