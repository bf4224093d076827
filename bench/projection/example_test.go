package projection_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/projection"
)

func Example() {
	fit, err := projection.New(projection.Linear, []projection.Point{{Rows: 1000, Cost: 3}, {Rows: 3000, Cost: 7},
		{Rows: 9000, Cost: 19}})
	fmt.Printf("%v %.1f %t\n", err, fit.At(1e6).Mean, fit.Bends)
	// Output: <nil> 2001.0 false
}
