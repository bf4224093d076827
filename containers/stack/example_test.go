package stack_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// A setting knows what it may be.
func ExampleOneOf() {
	rotation := stack.OneOf("rotation", "a refresh token is good once", "on", "on", "off")
	fmt.Println(rotation.Valid("off"), rotation.Valid("sometimes"))
	// Output: true false
}

func ExampleParseDataset() {
	d, err := stack.ParseDataset("clients=100,tokens=1000,revoked=5%")
	fmt.Println(d, stack.TokenRows(d), err)
	// Output: clients=100,tokens=1000,revoked=5% 1000 <nil>
}
