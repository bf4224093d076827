package notebook_test

import (
	"fmt"

	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// What is noted while a trial is prepared, loaded and verified is taken out at its end.
func ExampleBook() {
	b := notebook.New()
	b.Count("issued_tokens", 2)
	b.Count("issued_tokens", 1)
	fmt.Println(b.Agreed("iss", "https://a.example"), b.Agreed("iss", "https://b.example"))
	fmt.Println(b.Take().Facts["issued_tokens"], len(b.Take().Facts))
	// Output:
	// true false
	// 3 0
}
