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
		fmt.Println(x.Key)
	}
	// Output:
	// keycloak keycloak:26.7.3
	// access_ttl
	// refresh_ttl
	// rotation
	// reuse
	// audience
	// login_hash
	// login_iterations
	// sessions
	// cache
	// tls
	// java_opts
	// image
}
