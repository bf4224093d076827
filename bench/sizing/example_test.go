package sizing_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/sizing"
)

// Three loads of different mixes tell what each of two operations costs.
func ExampleFitCosts() {
	costs, err := sizing.FitCosts([]sizing.Load{
		{Rates: map[string]float64{"token": 100, "introspect": 0}, Cores: 0.6},
		{Rates: map[string]float64{"token": 0, "introspect": 100}, Cores: 0.2},
		{Rates: map[string]float64{"token": 100, "introspect": 100}, Cores: 0.7},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("idle %.2f cores, token %.1f ms, introspect %.1f ms\n", costs.Idle,
		1000*costs.PerRequest["token"], 1000*costs.PerRequest["introspect"])
	// Output: idle 0.10 cores, token 5.0 ms, introspect 1.0 ms
}
