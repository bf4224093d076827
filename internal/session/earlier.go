package session

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/targets"
)

// Bounds of the look at earlier runs: what lies beside a run's directory may be anything.
const (
	mostEarlier    = 3        // runs that count
	mostLookedAt   = 8        // runs that are read
	largestEarlier = 16 << 20 // bytes
	leastEarlier   = 8        // undisturbed pairs of a run that counts
)

// earlierNoise is how much pairs scattered in the newest comparisons beside this run's directory
// whose load, servers and machine were the same, whatever their rates, lengths and versions.
// What cannot be read there is none of this run's business.
func earlierNoise(s *session, loads []bench.Load) []verdict.Noise {
	now := bench.Header{Plan: s.Plan.JSON(), Deployments: s.servers.identities(), Loads: loads,
		Environment: host.ThisEnvironment()}
	var found []verdict.Noise
	count := 0
	for _, dir := range neighbours(s.record.dir.path) {
		run, err := Read(dir)
		if err != nil || !sameKind(run.Header, now) {
			continue
		}
		in, err := runs.Input(run)
		if err != nil || len(in.Pairs) < leastEarlier {
			continue
		}
		found = append(found, verdict.MeasureNoise(in)...)
		if count++; count == mostEarlier {
			break
		}
	}
	if count > 0 {
		s.Observer.Say("plan: counts the noise of %s beside this one, of the same load, servers and machine",
			digits.Count(count, "earlier run"))
	}
	return verdict.Pooled(found)
}

// neighbours are the directories beside one that may hold a run, the newest file first.
func neighbours(dir string) []string {
	type neighbour struct {
		path string
		at   time.Time
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		return nil
	}
	var all []neighbour
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(dir), e.Name())
		if !e.IsDir() || path == dir {
			continue
		}
		info, err := os.Lstat(filepath.Join(path, FileName))
		if err == nil && info.Mode().IsRegular() && info.Size() <= largestEarlier {
			all = append(all, neighbour{path, info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b neighbour) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.path, b.path)) })
	var newest []string
	for _, n := range all[:min(len(all), mostLookedAt)] {
		newest = append(newest, n.path)
	}
	return newest
}

// mayDiffer are properties of a fingerprint that noise is scaled for, or does not depend on.
var mayDiffer = []string{"seed", "profile", "rate", "lead-in", "length", "pacing", "workers"}

// sameKind tells whether the noise of one comparison says something of another's.
func sameKind(then, now bench.Header) bool {
	now.Environment.GOMAXPROCS = then.Environment.GOMAXPROCS // The generator sets it for each trial.
	for _, role := range []bench.Role{bench.Baseline, bench.Candidate} {
		if _, compared := then.Deployments[role]; !compared {
			return false
		}
		before, err := targets.Fingerprint(then, role)
		if err != nil {
			return false
		}
		after, err := targets.Fingerprint(now, role)
		if err != nil {
			return false
		}
		for _, d := range targets.Differences(before, after) {
			if !slices.Contains(mayDiffer, d.Name) {
				return false
			}
		}
	}
	return true
}
