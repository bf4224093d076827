package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench/grid"
)

// Names of the two keys that can vary the number of instances.
const (
	varyName     = "vary"
	replicasName = "replicas"
)

// varyingKeys make a grid of a search for capacity.
var varyingKeys = []Key{
	{
		Name: varyName, Group: Targets, Value: "NAME=VALUES", Commands: []string{Capacity}, Repeat: true,
		Usage: "measure at each of some values: cpus=1,2 or dataset.tokens=1e4,1e6",
		Detail: "A name is a setting of the target (`pool`, `db.shared_buffers`), a part of the data set " +
			"(`dataset.tokens`), `target`, or a key of the plan that changes what is sent or what containers may " +
			"use (`clients`, `chain-length`, `cpus`, `cpus.server`). Several make a grid, in a file as " +
			"`{cpus: [1, 2], pool: [5, 20]}`. With `rate` each cell has " +
			"its P95 and P99 at that rate instead of its capacity. What has no effect is refused before the start.",
		access: access{setVary, func(p *Plan) []string {
			var values []string
			for _, a := range p.Vary {
				if !isReplicas(a) {
					values = append(values, a.String())
				}
			}
			return values
		}},
	},
	{
		Name: replicasName, Group: Targets, Value: "NUMBERS", Commands: []string{Run, Capacity}, Default: "1",
		Repeat: true,
		Usage:  "instances of the server on one database; 1,2,3,4 measures each in turn",
		Detail: "Requests go to the instances in turn. Of four numbers or more `capacity` fits the Universal " +
			"Scalability Law; several numbers are for `capacity` alone.",
		access: access{setReplicas, replicasGiven},
	},
}

func setVary(p *Plan, values []string) error {
	for i, v := range values {
		if i > 0 && !strings.Contains(v, "=") {
			return fmt.Errorf("%q has no name: a name and its values are one text, as in \"%s,%s\", which a list in a "+
				"file needs in quotation marks", v, values[i-1], v)
		}
	}
	var all grid.Grid
	for _, v := range values {
		a, err := grid.ParseAxis(v)
		if err == nil && a.Name == grid.Replicas {
			a, err = parseReplicas(a.Values)
		}
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	if len(ofReplicas(all)) == 0 {
		all = append(all, ofReplicas(p.Vary)...)
	} else {
		p.Replicas = 0
	}
	p.Vary = inOrder(all)
	return p.Vary.Check()
}

// ReplicasTwice is the error of values of the two keys, given in one place, that have different numbers of
// instances: it would be for their order to decide.
func ReplicasTwice(vary, replicas []string) error {
	other, err := parseReplicas(strings.Split(strings.Join(replicas, ","), ","))
	if err != nil {
		return nil // Whoever sets it says so, as of what is wrong with vary.
	}
	for _, v := range vary {
		a, err := grid.ParseAxis(v)
		if err != nil || !isReplicas(a) {
			continue
		}
		if a, err = parseReplicas(a.Values); err != nil {
			continue
		}
		if !slices.Equal(a.Values, other.Values) {
			return fmt.Errorf("the number of instances is given twice, as %s=%s to vary and as %s %s: leave one out",
				a.Name, strings.Join(a.Values, ","), replicasName, strings.Join(other.Values, ","))
		}
	}
	return nil
}

// mostReplicas bounds instances on one machine.
const mostReplicas = 64

// setReplicas reads "3", or "1,2,3,4" to be varied.
func setReplicas(p *Plan, values []string) error {
	axis, err := parseReplicas(strings.Split(strings.Join(values, ","), ","))
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(p.Vary), isReplicas)
	if len(axis.Values) > 1 {
		p.Replicas, p.Vary = 0, inOrder(append(others, axis))
		return nil
	}
	p.Vary = others
	p.Replicas, err = strconv.Atoi(axis.Values[0])
	return err
}

// replicasGiven are the numbers as setReplicas reads them.
func replicasGiven(p *Plan) []string {
	if axes := ofReplicas(p.Vary); len(axes) > 0 {
		return []string{strings.Join(axes[0].Values, ",")}
	}
	if p.Replicas < 2 {
		return nil
	}
	return []string{strconv.Itoa(p.Replicas)}
}

// parseReplicas reads numbers of instances.
func parseReplicas(texts []string) (grid.Axis, error) {
	axis := grid.Axis{Name: grid.Replicas}
	for _, text := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > mostReplicas {
			return axis, fmt.Errorf("%q: want whole numbers of instances from 1 to %d, such as 1,2,3,4",
				strings.TrimSpace(text), mostReplicas)
		}
		if slices.Contains(axis.Values, strconv.Itoa(n)) {
			return axis, fmt.Errorf("the number %d is given twice", n)
		}
		axis.Values = append(axis.Values, strconv.Itoa(n))
	}
	return axis, nil
}

func isReplicas(a grid.Axis) bool { return a.Name == grid.Replicas }

// ofReplicas are the axes of a grid that vary the number of instances: one or none.
func ofReplicas(g grid.Grid) grid.Grid {
	return slices.DeleteFunc(slices.Clone(g), func(a grid.Axis) bool { return !isReplicas(a) })
}

// inOrder has the number of instances last, whatever was given first: a plan that is written as two
// keys is read as the same grid.
func inOrder(g grid.Grid) grid.Grid {
	return slices.Concat(slices.DeleteFunc(slices.Clone(g), isReplicas), ofReplicas(g))
}
