package keycloak_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/keycloak"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := keycloak.Server
	fmt.Println(s.Name, s.Example)
	for _, x := range s.Settings {
		fmt.Print(x.Key, " ")
	}
	fmt.Println()
	// Output:
	// keycloak keycloak:26.7.3
	// access_ttl refresh_ttl rotation reuse audience password_hash password_iterations sessions cache java_opts image
}
