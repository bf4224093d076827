package plan

import (
	"errors"
	"fmt"
)

// checkMix finds what contradicts a mix.
func (p Plan) checkMix() error {
	if p.Mix == nil {
		return nil
	}
	for name := range p.Rates {
		if name != "" {
			return fmt.Errorf("rate of %s: with a mix there is one rate, that of all scenarios together", name)
		}
	}
	if p.Isolate {
		return errors.New("isolate runs scenarios one after another, a mix all at once: give one of the two")
	}
	return nil
}

// Part is a scenario's part of the common rate: all of it, unless there is a mix.
func (p Plan) Part(scenario string) float64 {
	if p.Mix == nil {
		return 1
	}
	sum := 0.0
	for _, w := range p.Mix {
		sum += w
	}
	return p.Mix[scenario] / sum
}
