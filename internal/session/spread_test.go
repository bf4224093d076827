package session

import (
	"context"
	"strconv"
	"strings"
	"testing"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// addressed is a workload whose requests alternate between two addresses of one server.
type addressed struct{ generator.Workload }

func (addressed) Request(i int, t *vegeta.Target) {
	t.URL = []string{"http://first:1/token?n=", "http://first:2/introspect?n="}[i%2] + strconv.Itoa(i)
}

// Arrivals go to the instances in turn, at their own addresses, with nothing else changed.
func TestRequestsAreSpread(t *testing.T) {
	side := experiment.Side{Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (
		generator.Workload, error) {
		return addressed{}, nil
	}}
	spreadOver(&side, func() [][]targets.Base {
		return [][]targets.Base{
			{{From: "http://first:1", To: "http://second:1"}, {From: "http://first:2", To: "http://second:2"}},
			{{From: "http://first:1", To: "http://third:1"}, {From: "http://first:2", To: "http://third:2"}},
		}
	})
	w, err := side.Prepare(t.Context(), bench.Load{}, bench.Schedule{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for i := range 60 {
		var target vegeta.Target
		w.Request(i, &target)
		host, path, _ := strings.Cut(strings.TrimPrefix(target.URL, "http://"), "/")
		if want := []string{"first", "second", "third"}[i%3] + ":" + strconv.Itoa(1+i%2); host != want ||
			!strings.HasSuffix(path, "?n="+strconv.Itoa(i)) {
			t.Fatalf("arrival %d goes to %s; want %s", i, target.URL, want)
		}
		seen[host]++
	}
	if len(seen) != 6 {
		t.Errorf("addresses %v; want two of each of three instances", seen)
	}
}
