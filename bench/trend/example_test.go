package trend_test

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench/trend"
)

// Ten releases; from the seventh on they are slower.
func ExampleChanges() {
	var values []time.Duration
	for i, us := range []int{5000, 5010, 4990, 5005, 4995, 5001, 5610, 5600, 5590, 5605} {
		values = append(values, time.Duration(us+i)*time.Microsecond)
	}
	for _, c := range trend.Changes(values) {
		fmt.Println("release", c.At, "from", c.Before.Round(100*time.Microsecond), "to",
			c.After.Round(100*time.Microsecond))
	}
	// Output: release 6 from 5ms to 5.6ms
}
