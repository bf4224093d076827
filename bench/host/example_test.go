package host_test

import (
	"fmt"
	"os"

	"github.com/oauthbench/oauthbench/bench/host"
)

// What is read of a process grows while it works. Where the system does not tell, it is not
// known, which is no error.
func ExampleProcessUsage() {
	before := host.ProcessUsage(os.Getpid())
	sum := 0
	for i := range 10_000_000 {
		sum += i
	}
	after := host.ProcessUsage(os.Getpid())
	fmt.Println(before.Known == after.Known, after.CPU >= before.CPU, sum > 0)
	// Output: true true true
}
