package postgres_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/containers/postgres"
)

// The folder is one value: a database for any server.
func Example() {
	fmt.Println(postgres.Database.Name)
	// Output: postgres
}
