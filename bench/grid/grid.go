package grid

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Axis is one thing that is varied, with its values in the order that they were given in.
type Axis struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Replicas is the name of the axis whose values are numbers of instances on one database.
const Replicas = "replicas"

// ParseAxis reads "name=value,value". The first equals sign ends the name.
func ParseAxis(text string) (Axis, error) {
	const example = "cpus=1,2"
	name, values, ok := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return Axis{}, fmt.Errorf("%q: want a name and its values, such as %s", text, example)
	}
	a := Axis{Name: name}
	for value := range strings.SplitSeq(values, ",") {
		value = strings.TrimSpace(value)
		switch {
		case value == "":
			return Axis{}, fmt.Errorf("%q: a value is empty: want %s", text, example)
		case slices.Contains(a.Values, value):
			return Axis{}, fmt.Errorf("%q: the value %q is given twice", text, value)
		}
		a.Values = append(a.Values, value)
	}
	if len(a.Values) < 2 {
		return Axis{}, fmt.Errorf("%q: one value varies nothing: give two or more, such as %s", text, example)
	}
	return a, nil
}

// String writes an axis as ParseAxis reads it.
func (a Axis) String() string { return a.Name + "=" + strings.Join(a.Values, ",") }

// Numbers are the values as numbers; false when one of them is none.
func (a Axis) Numbers() ([]float64, bool) {
	var all []float64
	for _, text := range a.Values {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

// Cell is a value for each axis.
type Cell []string

// Grid is every combination of the values of some axes.
type Grid []Axis

// mostCells bounds a grid: more would take days.
const mostCells = 200

// Check finds what is wrong with a grid.
func (g Grid) Check() error {
	if len(g) == 0 {
		return errors.New("nothing is varied")
	}
	cells := 1
	for i, a := range g {
		if slices.ContainsFunc(g[:i], func(b Axis) bool { return b.Name == a.Name }) {
			return fmt.Errorf("%s is varied twice", a.Name)
		}
		if len(a.Values) == 0 {
			return fmt.Errorf("%s has no values", a.Name)
		}
		if cells *= len(a.Values); cells > mostCells {
			return fmt.Errorf("the grid has more than %d cells", mostCells)
		}
	}
	return nil
}

// Cells are all combinations, the last axis first to change.
func (g Grid) Cells() []Cell {
	cells := []Cell{{}}
	for _, a := range g {
		var more []Cell
		for _, c := range cells {
			for _, v := range a.Values {
				more = append(more, append(slices.Clone(c), v))
			}
		}
		cells = more
	}
	return cells
}

// Name is a cell in words: "cpus=1 pool=5".
func (g Grid) Name(c Cell) string {
	var words []string
	for i, a := range g {
		words = append(words, a.Name+"="+c[i])
	}
	return strings.Join(words, " ")
}

// String is the grid in words: "cpus × pool".
func (g Grid) String() string {
	var names []string
	for _, a := range g {
		names = append(names, a.Name)
	}
	return strings.Join(names, " × ")
}

// Line is the cells that differ along one axis alone.
type Line struct {
	Axis  int    // Axis is its index in the grid.
	Fixed string // Fixed names the values of the others, "" when there are none.
	Cells []int  // Cells are indices of Grid.Cells, in the order of the axis.
}

// Lines are all lines along an axis.
func (g Grid) Lines(axis int) []Line {
	var lines []Line
	byFixed := map[string]int{}
	for i, c := range g.Cells() {
		var fixed []string
		for k, a := range g {
			if k != axis {
				fixed = append(fixed, a.Name+"="+c[k])
			}
		}
		name := strings.Join(fixed, " ")
		k, known := byFixed[name]
		if !known {
			k = len(lines)
			byFixed[name] = k
			lines = append(lines, Line{Axis: axis, Fixed: name})
		}
		lines[k].Cells = append(lines[k].Cells, i)
	}
	return lines
}
