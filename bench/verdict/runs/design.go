package runs

import (
	"encoding/json"
	"fmt"

	"oauthbench/bench"
	"oauthbench/bench/verdict"
)

// Store puts the rule of a run into its header, with every margin of the operations
// written out.
func Store(h *bench.Header, d verdict.Design, operations []string) error {
	data, err := json.Marshal(d.Resolved(operations, Compared))
	if err != nil {
		return fmt.Errorf("store the design: %w", err)
	}
	h.Design = data
	return nil
}

// Design is the rule that a run is judged by, as its header holds it.
func Design(h bench.Header) (verdict.Design, error) {
	if len(h.Design) == 0 {
		return designOfSchema1(h)
	}
	var d verdict.Design
	if err := json.Unmarshal(h.Design, &d); err != nil {
		return d, fmt.Errorf("the stored design cannot be read: %w", err)
	}
	return d, nil
}
