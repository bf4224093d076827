package stats_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Six pairs, of each the ratio of two times: the centre, and how likely so much is by chance.
func ExampleNewWalsh() {
	w := stats.NewWalsh([]float64{0.08, 0.10, 0.11, 0.09, 0.12, 0.10})
	fmt.Printf("centre %.3f, p = %.4f against no difference\n", w.HodgesLehmann(), w.PAbove(0))
	// Output: centre 0.100, p = 0.0156 against no difference
}
