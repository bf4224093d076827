package session

import (
	"context"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// spreadOver sends what is prepared for a deployment to its instances in turn.
func spreadOver(side *experiment.Side, instances func() [][]targets.Base) {
	if instances == nil {
		return
	}
	prepare := side.Prepare
	side.Prepare = func(
		ctx context.Context, load bench.Load, schedule bench.Schedule, seed uint64,
	) (generator.Workload, error) {
		w, err := prepare(ctx, load, schedule, seed)
		if err != nil {
			return nil, err
		}
		return spread{w, instances()}, nil
	}
}

// spread is a workload whose arrival i goes to instance i modulo their number, the first of
// which is the one that requests were made for.
type spread struct {
	generator.Workload
	others [][]targets.Base
}

func (s spread) Request(i int, t *vegeta.Target) {
	s.Workload.Request(i, t)
	k := i % (len(s.others) + 1)
	if k == 0 {
		return
	}
	for _, b := range s.others[k-1] {
		if strings.HasPrefix(t.URL, b.From+"/") {
			t.URL = b.To + t.URL[len(b.From):]
			return
		}
	}
}

// Expectation is the workload's, which has one for each arrival when it has a matrix.
func (s spread) Expectation(i int) bench.Expectation {
	if e, ok := s.Workload.(generator.Expecter); ok {
		return e.Expectation(i)
	}
	return bench.Expectation{}
}

// Make is the workload's, if it makes requests while it runs.
func (s spread) Make() bool {
	m, ok := s.Workload.(generator.Maker)
	return ok && m.Make()
}

// Observed is the workload's, if it observes.
func (s spread) Observed() bench.Observation {
	if o, ok := s.Workload.(generator.Observer); ok {
		return o.Observed()
	}
	return bench.Observation{}
}
