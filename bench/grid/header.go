package grid

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Header is what is known of a grid before its first cell, as it is stored.
type Header struct {
	Schema  int       `json:"schema"`
	Tool    string    `json:"tool"`    // version of oauthbench
	Command []string  `json:"command"` // as it can be repeated
	Started time.Time `json:"started"`
	// Plan is that of all cells, as internal/plan writes it; each cell's run has its own.
	Plan json.RawMessage `json:"plan"`
	Grid Grid            `json:"axes"`
	// Fixed says that each cell was measured at a fixed rate; else its capacity was searched.
	Fixed bool `json:"fixed_rate,omitempty"`
	// Order is the order in which the cells were measured, by random.
	Order []int `json:"order"`
	// Folders are those of the cells' runs, as Grid.Cells.
	Folders []string `json:"folders"`
	// Budget is what the whole grid may take: it was said before the start.
	Budget time.Duration `json:"budget_ns"`
	// Shared says why instances of an axis of replicas share cores, "" when each has its own.
	Shared string `json:"shared_cores,omitempty"`
}

// Schema is the version of Header. Readers refuse newer ones.
const Schema = 1

// Decode reads a stored header and finds what is wrong with it.
func Decode(data []byte) (Header, error) {
	var h Header
	if err := json.Unmarshal(data, &h); err != nil {
		return h, fmt.Errorf("the header of the grid cannot be read: %w", err)
	}
	if h.Schema < 1 || h.Schema > Schema {
		return h, fmt.Errorf("the grid has schema %d: this program reads 1 to %d", h.Schema, Schema)
	}
	if err := h.Grid.Check(); err != nil {
		return h, err
	}
	cells := len(h.Grid.Cells())
	seen := map[int]bool{}
	for _, i := range h.Order {
		if i < 0 || i >= cells || seen[i] {
			return h, errors.New("the order of the grid's cells is none")
		}
		seen[i] = true
	}
	if len(h.Order) != cells || len(h.Folders) != cells {
		return h, errors.New("the header of the grid does not have all of its cells")
	}
	return h, nil
}
