package hydra_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/hydra"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := hydra.Server
	fmt.Println(s.Name, s.Example)
	for _, x := range s.Settings {
		fmt.Print(x.Key, " ")
	}
	fmt.Println()
	// Output:
	// hydra hydra:v2.3.0
	// tokens hasher bcrypt_cost pbkdf2_rounds access_ttl refresh_ttl refresh_grace pool image
}
