package experiment_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/experiment"
)

// Each block is ABBA or BAAB, by a coin; both trials of a pair have the same seed.
func ExampleBlocks() {
	for _, slot := range experiment.Blocks(7, 1, 2, 1) {
		fmt.Println(slot.Block, slot.Pair, slot.Position, slot.Role)
	}
	// Output:
	// 0 0 0 baseline
	// 0 0 1 candidate
	// 0 1 2 candidate
	// 0 1 3 baseline
	// 1 2 0 candidate
	// 1 2 1 baseline
	// 1 3 2 baseline
	// 1 3 3 candidate
}
