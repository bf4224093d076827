package reference_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/reference"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := reference.Server
	fmt.Println(s.Name, s.Example, s.Settings[0].Key)
	// Output: reference reference:v1 tokens
}
