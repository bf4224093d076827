// Oauthbench answers "may we upgrade our OAuth server?": see the README.
package main

import (
	"os"

	"github.com/oauthbench/oauthbench/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
