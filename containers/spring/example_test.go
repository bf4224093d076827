package spring_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/spring"
)

// The folder is one value: a target, how it is written, and what it can be told.
func Example() {
	s := spring.Server
	fmt.Println(s.Name, s.Example)
	for _, x := range s.Settings {
		fmt.Print(x.Key, " ")
	}
	fmt.Println()
	// Output:
	// spring spring:7.0.2
	// tokens bcrypt_cost access_ttl refresh_ttl rotation image
}
