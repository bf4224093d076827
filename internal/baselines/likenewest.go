package baselines

import (
	"errors"
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Alike are the baselines of a directory that were measured like its newest.
type Alike struct {
	Baselines []*bench.StoredBaseline // oldest first
	LeftOut   []string                // the others, each with what it was measured with instead
	Damaged   []error                 // files that could not be read
}

// LikeNewest reads a directory. What was not measured like the newest is left out, but for
// the properties that are allowed to differ.
func LikeNewest(dir string, allow []string) (Alike, error) {
	all, damaged, err := All(dir)
	if err != nil {
		return Alike{}, errors.Join(append(damaged, err)...)
	}
	newest := all[len(all)-1]
	now, err := targets.Fingerprint(newest.Header, newest.Role)
	if err != nil {
		return Alike{}, err
	}
	if err := targets.CheckAllowed(allow, now); err != nil {
		return Alike{}, err
	}
	alike := Alike{Damaged: damaged}
	for _, b := range all {
		then, err := targets.Fingerprint(b.Header, b.Role)
		if err != nil {
			return alike, fmt.Errorf("%s: %w", b.Name, err)
		}
		if refused := targets.Refusal(targets.Differences(then, now), allow); refused != "" {
			alike.LeftOut = append(alike.LeftOut, b.Name+": not measured like "+newest.Name+": "+refused)
			continue
		}
		alike.Baselines = append(alike.Baselines, b)
	}
	return alike, nil
}
