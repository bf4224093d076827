package glewlwyd_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/glewlwyd"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := glewlwyd.Server
	fmt.Println(s.Name, s.Example)
	for _, x := range s.Settings {
		fmt.Print(x.Key, " ")
	}
	fmt.Println()
	// Output:
	// glewlwyd glewlwyd:2.7.6
	// access_ttl refresh_ttl image
}
