package runs

import (
	"encoding/json"
	"fmt"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Store puts the rule of a run into its header, with every margin of the operations
// written out.
func Store(h *bench.Header, d verdict.Design, operations []string) error {
	data, err := json.Marshal(d.Resolved(operations, bench.ComparedQuantiles))
	if err != nil {
		return fmt.Errorf("store the design: %w", err)
	}
	h.Design = data
	return nil
}

// Design is the rule that a run is judged by, as its header holds it.
func Design(h bench.Header) (verdict.Design, error) {
	var d verdict.Design
	switch {
	case len(h.Design) == 0 && h.Schema <= 1:
		return designOfSchema1(h)
	case len(h.Design) == 0:
		return d, fmt.Errorf("the run holds no design, which runs of schema %d have: its header is damaged", h.Schema)
	}
	if err := json.Unmarshal(h.Design, &d); err != nil {
		return d, fmt.Errorf("the stored design cannot be read: %w", err)
	}
	return d, nil
}
