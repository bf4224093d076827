package scenarios_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios"
)

// A scenario tells why a server cannot be asked for it.
func ExampleScenario_Unfit() {
	found, err := scenarios.Find([]string{"introspect"})
	if err != nil {
		fmt.Println(err)
		return
	}
	can := oauth.Capabilities{oauth.GrantClientCredentials}
	fmt.Println(found[0].Source+":", found[0].Unfit(can, scenarios.Defaults()))
	// Output: RFC 7662: no introspection endpoint
}
