package targets

import (
	"fmt"
	"slices"

	"github.com/oauthbench/oauthbench/bench"
)

// Stored is a run that is set beside others: its header, and the directory it was read from.
type Stored struct {
	Dir    string
	Header bench.Header
}

// ReleasesDiffer names the properties in which runs differ from the first. Settings of
// the servers may differ: that is what releases do. So may the seed, which each run draws and which
// decides nothing but luck. refused is what they were measured with, and was not allowed to differ.
func ReleasesDiffer(runs []Stored, allow []string) (named, refused []string, err error) {
	var first, firstOwn []Property
	var all [][]Property
	for _, r := range runs {
		role := bench.Candidate
		if _, ok := r.Header.Deployments[role]; !ok {
			role = bench.Baseline
		}
		one, err := Fingerprint(r.Header, role)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Dir, err)
		}
		own := append(Settings(r.Header.Deployments[role]), Property{Name: "server"}, Property{Name: "database"})
		all = append(all, one)
		if first == nil {
			first, firstOwn = one, own
		}
		for _, d := range Differences(first, one) {
			text := fmt.Sprintf("%v in %s, against %s", d, r.Dir, runs[0].Dir)
			ofServer := slices.ContainsFunc(slices.Concat(own, firstOwn), func(p Property) bool {
				return p.Name == d.Name
			})
			if ofServer || d.Name == seedName || slices.Contains(allow, d.Name) {
				named = append(named, text)
			} else {
				refused = append(refused, text)
			}
		}
	}
	return named, refused, CheckAllowed(allow, all...)
}
