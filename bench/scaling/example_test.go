package scaling_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/scaling"
)

// Capacities of one to six instances show contention, and no peak.
func ExampleFit() {
	law, err := scaling.Fit([]scaling.Point{
		{Instances: 1, Capacity: 400}, {Instances: 2, Capacity: 727}, {Instances: 3, Capacity: 1000},
		{Instances: 4, Capacity: 1230}, {Instances: 6, Capacity: 1600},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, identified := law.Peak()
	fmt.Printf("%.0f/s each, contention %.2f, peak identified: %v\n", law.PerInstance, law.Contention.Estimate,
		identified)
	// Output: 400/s each, contention 0.10, peak identified: false
}
