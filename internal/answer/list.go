package answer

import (
	"encoding/json"
	"fmt"
	"io"

	"oauthbench/internal/nearest"
)

// List is what a command lists or finds, for people; as JSON it is what its fields say.
type List interface{ WriteText(io.Writer) error }

// ListFormats are the ways to print a List, the default first.
var ListFormats = []string{"text", "json"}

// ListFormat is one of ListFormats, as a flag; "" is the first.
type ListFormat string

func (f *ListFormat) String() string { return string(*f) }

// Type is the word that stands for the value in help.
func (f *ListFormat) Type() string { return "FORMAT" }

// Set takes one of ListFormats.
func (f *ListFormat) Set(value string) error {
	for _, known := range ListFormats {
		if value == known {
			*f = ListFormat(value)
			return nil
		}
	}
	return fmt.Errorf("unknown format %q: %s", value, nearest.Cure(value, ListFormats))
}

// Print prints a list.
func (f ListFormat) Print(w io.Writer, l List) error {
	if f != "json" {
		return l.WriteText(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(l)
}
