package answer

import (
	"encoding/json"
	"io"
)

// List is what a command lists or finds, for people; as JSON it is what its fields say.
type List interface{ WriteText(io.Writer) error }

// ListFormats are the ways to print a List, the default first.
var ListFormats = []string{Text, "json"}

// PrintList prints a list in one of ListFormats.
func PrintList(w io.Writer, l List, format string) error {
	if format != "json" {
		return l.WriteText(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(l)
}
