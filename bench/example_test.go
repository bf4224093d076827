package bench_test

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

func ExampleDraw() {
	schedule, err := bench.Draw("constant", bench.Constant(4, time.Second), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for k := 1; k < schedule.Count; k++ {
		fmt.Println(schedule.At(k).Due - schedule.At(k-1).Due)
	}
	// Output:
	// 250ms
	// 250ms
	// 250ms
}

func ExampleHistogram() {
	h := bench.NewHistogram()
	for i := range 101 {
		h.Record(time.Duration(i) * time.Millisecond)
	}
	fmt.Println(h.Count(), h.Min(), h.Max())
	fmt.Println(h.Quantile(.5).Round(time.Millisecond), h.Quantile(.99).Round(time.Millisecond))
	// Output:
	// 101 0s 100ms
	// 50ms 99ms
}
