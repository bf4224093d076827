package page_test

import (
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/reports/page"
)

// A page of words alone. What stands in them is never markup.
func ExampleWritePlain() {
	var b strings.Builder
	if err := page.WritePlain(&b, "Baseline v1", "P95 < 20 ms"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(b.String(), "<title>Baseline v1"), strings.Contains(b.String(), "P95 &lt; 20 ms"))
	// Output: true true
}
