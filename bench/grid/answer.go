package grid

import "math"

// Answer is what was found at one cell.
type Answer struct {
	// Missing says why there is nothing, "" when there is something.
	Missing string   `json:"missing,omitempty"`
	Figures []Figure `json:"figures"`
	// Doubts are what a reader of the figures must know, the gravest first.
	Doubts []string `json:"doubts,omitempty"`
}

// Figure is one number of a cell.
type Figure struct {
	Operation string  `json:"operation,omitempty"` // Operation is "" for all together.
	Name      string  `json:"name"`                // such as "p95"
	Unit      string  `json:"unit"`                // "ns", "/s", or "" for a plain number
	Value     float64 `json:"value"`
	// Low and High are the 90 % interval, both 0 where there is none.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
	// Starts are the figures of fresh starts of the server, or of whole searches, each alone.
	Starts []float64 `json:"starts,omitempty"`
	// Bound says that the value is a bound: "at least", "at most", or "" for neither.
	Bound string `json:"bound,omitempty"`
}

// Known tells whether there is an interval.
func (f Figure) Known() bool { return f.Low > 0 && f.High >= f.Low && !math.IsInf(f.High, 0) }

// Is tells whether a figure is of an operation and has a name.
func (f Figure) Is(operation, name string) bool { return f.Operation == operation && f.Name == name }

// Find is a figure of an answer, nil when it has none.
func (a Answer) Find(operation, name string) *Figure {
	for i := range a.Figures {
		if a.Figures[i].Is(operation, name) {
			return &a.Figures[i]
		}
	}
	return nil
}
