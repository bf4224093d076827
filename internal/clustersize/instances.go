package clustersize

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/oauthbench/oauthbench/bench/grid"
	gridstored "github.com/oauthbench/oauthbench/bench/grid/stored"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/internal/varied"
)

// instances reads a grid of numbers of instances: the search on one of them, and the law by which
// capacity grows with them.
func instances(dir string) (one stored.Run, law *stored.Scaling, err error) {
	g, err := varied.Read(dir)
	if err != nil {
		return one, nil, err
	}
	axes := g.Header.Grid
	if len(axes) != 1 || axes[0].Name != grid.Replicas || g.Header.Fixed {
		return one, nil, fmt.Errorf("%s is a grid over %s: of grids size reads a search over instances alone "+
			"(oauthbench capacity --replicas); name the folders of cells instead", dir, axes)
	}
	i := slices.Index(axes[0].Values, "1")
	if i < 0 || g.Runs[i] == nil {
		return one, nil, &BeyondError{fmt.Errorf("%s has no search on one instance: what one costs is not known", dir)}
	}
	found := gridstored.Of(g.Header, g.Runs, g.Missing)
	law = &stored.Scaling{Dir: dir, First: g.Header.Folders[i], Shared: g.Header.Shared, Missing: found.Laws[0].Missing,
		Law: found.Laws[0].Law}
	return stored.Run{Dir: filepath.Join(dir, law.First), Run: g.Runs[i]}, law, nil
}
