package oidcprovider_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/oidcprovider"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := oidcprovider.Server
	fmt.Println(s.Name, s.Example)
	for _, x := range s.Settings {
		fmt.Print(x.Key, " ")
	}
	fmt.Println()
	// Output:
	// oidc-provider oidc-provider:9.13.3
	// access_ttl refresh_ttl rotation pool image
}
