package plan

import "strings"

// Flag is the value of a key on the command line, as it was written. It is what flag
// packages call a Value.
type Flag struct {
	Key    Key
	Values []string
}

// Set takes one value; of a key that is not repeated the last one counts.
func (f *Flag) Set(value string) error {
	if f.Key.Repeat {
		f.Values = append(f.Values, value)
	} else {
		f.Values = []string{value}
	}
	return nil
}

// String joins the values.
func (f *Flag) String() string { return strings.Join(f.Values, ",") }

// Type is the word that stands for the value in help.
func (f *Flag) Type() string {
	if f.Key.Switch() {
		return "bool" // The help of a switch names no value.
	}
	return f.Key.Value
}
