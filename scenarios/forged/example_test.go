package forged_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/scenarios/forged"
)

// Near misses of a token that is alive: a right introspection calls each inactive.
func ExampleTamper() {
	for _, near := range forged.Tamper("hN4vTq7XbGmZ1cRk") {
		fmt.Println(near.How)
	}
	// Output:
	// first character changed
	// character in the middle changed
	// last character changed
	// case swapped
	// cut by one character
	// one character appended
}
