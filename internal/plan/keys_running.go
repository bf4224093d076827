package plan

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// runningKeys are of the run itself: its length, its randomness, its place.
var runningKeys = []Key{
	{
		Name: "duration", Group: Running, Value: "DURATION", Commands: []string{Run, Capacity}, Default: "30s",
		Usage:  "how long to measure",
		Detail: "Of `capacity` it is for cells at a fixed rate: the length of each of their trials.",
		access: span(func(p *Plan) *time.Duration { return &p.Duration }, 2*time.Second, 24*time.Hour, isZero),
	},
	{
		Name: "seed", Group: Running, Value: "NUMBER", Commands: all, Default: "drawn",
		Usage:  "seed for all randomness; the same seed sends the same requests",
		access: access{setSeed, func(p *Plan) []string { return []string{strconv.FormatUint(p.Seed, 10)} }},
	},
	{
		Name: "wait-quiet", Group: Running, Value: "DURATION", Commands: all, Default: "0s",
		Usage:  "how long to wait for other programs to leave the machine",
		access: access{set: span(func(p *Plan) *time.Duration { return &p.WaitQuiet }, 0, 24*time.Hour, nil).set},
	},
	{
		Name: "extend", Group: Running, Value: "FOLDER", Commands: []string{Compare},
		Usage: "go on with the undecided run in a folder, at the levels it has left",
		Detail: "What is measured, and how it is judged, is the stored run's; the longer run lies in a folder " +
			"of its own.",
		Excludes: ofTheRunItself(),
		access:   access{set: text(func(p *Plan) *string { return &p.Extend }).set},
	},
	{
		Name: "out", Group: Running, Value: "FOLDER", Commands: all, Default: "oauthbench-results/<time>",
		Usage:  "folder for the run, which must not hold one already",
		access: access{set: text(func(p *Plan) *string { return &p.Out }).set},
	},
}

// ofTheRunItself names the keys that say what a run measures and how it is judged, but for its
// targets, which may be named once more for their secrets: see RestoreSecrets.
func ofTheRunItself() []string {
	names := []string{"seed"}
	for _, k := range slices.Concat(targetKeys, requestKeys, decidingKeys, generatorKeys, containerKeys) {
		if !k.NamesTarget() {
			names = append(names, k.Name)
		}
	}
	return names
}

func setSeed(p *Plan, values []string) (err error) {
	if p.Seed, err = strconv.ParseUint(values[0], 10, 53); err != nil {
		return fmt.Errorf("seed %q: want a whole number from 0 to 2^53", values[0])
	}
	return nil
}
