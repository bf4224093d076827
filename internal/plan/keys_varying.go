package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oauthbench/bench/grid"
)

// varyingKeys make a grid of a search for capacity.
var varyingKeys = []Key{
	{
		Name: "vary", Group: Targets, Value: "NAME=VALUES", Commands: []string{Capacity}, Repeat: true,
		Usage: "measure at each of some values: cpus=1,2 or dataset.tokens=1e4,1e6",
		Detail: "A name is a setting of the target (`pool`, `db.shared_buffers`), a part of the data set " +
			"(`dataset.tokens`), `target`, or a key of the plan that changes what is sent or what containers may " +
			"use (`clients`, `chain-length`, `cpus`, `cpus.server`). Several make a grid. With `rate` each cell has " +
			"its P95 and P99 at that rate instead of its capacity. What has no effect is refused before the start.",
		access: access{setVary, func(p *Plan) []string {
			var values []string
			for _, a := range p.Vary {
				values = append(values, a.String())
			}
			return values
		}},
	},
	{
		Name: "replicas", Group: Targets, Value: "NUMBERS", Commands: []string{Run, Capacity}, Default: "1",
		Usage: "instances of the server on one database; 1,2,3,4 measures each in turn",
		Detail: "Requests go to the instances in turn. Of four numbers or more `capacity` fits the Universal " +
			"Scalability Law; several numbers are for `capacity` alone.",
		access: access{setReplicas, func(p *Plan) []string {
			if p.Replicas < 2 {
				return nil
			}
			return []string{strconv.Itoa(p.Replicas)}
		}},
	},
}

func setVary(p *Plan, values []string) error {
	kept := slices.DeleteFunc(slices.Clone(p.Vary), func(a grid.Axis) bool { return a.Name != grid.Replicas })
	for _, v := range values {
		a, err := grid.ParseAxis(v)
		if err != nil {
			return err
		}
		if a.Name == grid.Replicas {
			if err := setReplicas(p, []string{strings.Join(a.Values, ",")}); err != nil {
				return err
			}
		}
		kept = append(kept, a)
	}
	p.Vary = kept
	return p.Vary.Check()
}

// mostReplicas bounds instances on one machine.
const mostReplicas = 64

// setReplicas reads "3", or "1,2,3,4" to be varied.
func setReplicas(p *Plan, values []string) error {
	var axis grid.Axis
	axis.Name = grid.Replicas
	for text := range strings.SplitSeq(values[0], ",") {
		text = strings.TrimSpace(text)
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostReplicas {
			return fmt.Errorf("%q: want whole numbers of instances from 1 to %d, such as 1,2,3,4", text, mostReplicas)
		}
		if slices.Contains(axis.Values, text) {
			return fmt.Errorf("%d instances are given twice", n)
		}
		axis.Values = append(axis.Values, text)
	}
	if len(axis.Values) == 1 {
		p.Replicas, _ = strconv.Atoi(axis.Values[0]) // as above
		return nil
	}
	p.Vary = append(slices.DeleteFunc(slices.Clone(p.Vary),
		func(a grid.Axis) bool { return a.Name == grid.Replicas }), axis)
	return nil
}
