package capacity_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/bench/capacity"
)

// A server that keeps its limits up to 400 requests per second, without noise.
func ExampleSearch() {
	search := capacity.New(capacity.DefaultDesign(100))
	for {
		step, more := search.Next()
		if !more {
			break
		}
		outcome := capacity.Held
		if step.Rate > 400 {
			outcome = capacity.Failed
		}
		search.Record(outcome)
	}
	r := search.Result()
	fmt.Println(r.Ending, r.Rate > 0.92*400, r.Rate <= 400)
	// Output: certified true true
}
