package plan

import (
	"fmt"
	"strings"
)

// Flag is the value of a key on the command line, as it was written. It is what flag
// packages call a Value.
type Flag struct {
	Key    Key
	Values []string
}

// Set takes one value. A key that is not repeated takes no second one that differs: which of the
// two was meant is not for this program to guess.
func (f *Flag) Set(value string) error {
	switch {
	case f.Key.Repeat:
		f.Values = append(f.Values, value)
	case len(f.Values) > 0 && f.Values[0] != value:
		return fmt.Errorf("it is given twice, as %q and as %q: %s takes one value", f.Key.shown(f.Values[0]),
			f.Key.shown(value), f.Key.Name)
	default:
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
