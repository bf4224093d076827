package upgrade_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// While the old version serves alone everything goes to it; from the switch on what comes
// from either goes to the new one.
func ExampleSwitch() {
	var s upgrade.Switch
	fmt.Println(s.Ask(upgrade.Blue), s.Issue("client 1"))
	s.Over()
	fmt.Println(s.Ask(upgrade.Blue), s.Issue("client 1"))
	// Output:
	// blue blue
	// green green
}
