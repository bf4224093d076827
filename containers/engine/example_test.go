package engine_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/engine"
)

// A mirror stands before an image's name.
func ExampleQualify() {
	fmt.Println(engine.Qualify("mirror.example/", "postgres:15"))
	// Output: mirror.example/postgres:15
}
