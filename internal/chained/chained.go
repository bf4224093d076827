// Package chained reads stored comparisons and joins those that share a version, release after
// release.
package chained

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/stats"
	"github.com/oauthbench/oauthbench/bench/trend"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/reports"
)

// comparison is one stored run of two versions, judged.
type comparison struct {
	dir string
	reports.Report
}

// Runs are the directories of stored runs among dirs and their children, in the order of their names.
func Runs(dirs []string) []string {
	var found []string
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil // What cannot be read holds no run for us.
			case d.IsDir() && strings.Count(strings.TrimPrefix(path, dir), string(filepath.Separator)) > 1:
				return fs.SkipDir
			case d.Name() == session.FileName:
				found = append(found, filepath.Dir(path))
			}
			return nil
		})
	}
	return slices.Compact(found)
}

// Read judges the comparisons in directories of runs and joins them. What is no whole comparison is
// left out, and said.
func Read(dirs []string) (reports.Chains, error) {
	var all []comparison
	var c reports.Chains
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, session.FileName)); err != nil {
			return c, fmt.Errorf("%s: %w", dir, err)
		}
		run, err := session.Read(dir)
		if err == nil && run.Deployments[bench.Baseline].Name == "" {
			err = errors.New("it compares nothing")
		}
		var r reports.Report
		if err == nil {
			r, err = judged.Run(run)
		}
		if err != nil {
			c.LeftOut = append(c.LeftOut, fmt.Sprintf("%s: %v", dir, err))
			continue
		}
		all = append(all, comparison{dir, r})
	}
	slices.SortStableFunc(all, func(a, b comparison) int { return a.Run.Started.Compare(b.Run.Started) })
	name := namer(all)
	ratios := map[key][]trend.Ratio{}
	var order []key
	for _, one := range all {
		used := false
		for _, r := range one.Verdict.Comparisons {
			ratio, ok := ratioOf(r)
			if !ok {
				continue
			}
			ratio.From = name(one.Run.Deployments[bench.Baseline])
			ratio.To = name(one.Run.Deployments[bench.Candidate])
			k := key{r.Operation, r.Quantile}
			if ratios[k] == nil {
				order = append(order, k)
			}
			ratios[k] = append(ratios[k], ratio)
			used = true
		}
		if !used {
			c.LeftOut = append(c.LeftOut, one.dir+": it has no interval of any percentile")
		}
	}
	slices.SortStableFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.quantile, b.quantile))
	})
	for _, k := range order {
		chain := trend.NewChain(ratios[k])
		if len(chain.Releases) < 2 {
			continue
		}
		for _, left := range chain.Left {
			text := fmt.Sprintf("%s against %s: no comparison joins them to %s", left.To, left.From,
				chain.Releases[len(chain.Releases)-1])
			if !slices.Contains(c.LeftOut, text) {
				c.LeftOut = append(c.LeftOut, text)
			}
		}
		c.Series = append(c.Series, reports.ChainSeries{Operation: k.operation, Quantile: k.quantile, Chain: chain})
	}
	if len(c.Series) == 0 {
		return c, fmt.Errorf("no two releases are compared in %s: %s", strings.Join(dirs, ", "),
			strings.Join(c.LeftOut, "; "))
	}
	return c, nil
}

type key struct {
	operation string
	quantile  float64
}

// ratioOf is what a comparison says of its two versions, from its exact interval; false where it
// has none.
func ratioOf(c verdict.Comparison) (trend.Ratio, bool) {
	half := (math.Log(c.Ratio.High) - math.Log(c.Ratio.Low)) / 2
	if c.Units < 2 || !(half > 0) || math.IsInf(half, 0) {
		return trend.Ratio{}, false
	}
	return trend.Ratio{Log: math.Log(c.Ratio.Estimate), Error: half / stats.StudentQuantile(.95, c.Units-1),
		Freedom: c.Units - 1}, true
}

// namer names a version as the user wrote it. Where one name stood for several images or versions, it
// says which.
func namer(all []comparison) func(bench.Deployment) string {
	meant := map[string][]string{}
	which := func(d bench.Deployment) string { return strings.Trim(d.Version+" "+d.Digest, " ") }
	for _, one := range all {
		for _, d := range one.Run.Deployments {
			if !slices.Contains(meant[d.Name], which(d)) {
				meant[d.Name] = append(meant[d.Name], which(d))
			}
		}
	}
	return func(d bench.Deployment) string {
		if len(meant[d.Name]) < 2 {
			return d.Name
		}
		return fmt.Sprintf("%s (%s)", d.Name, which(d))
	}
}
