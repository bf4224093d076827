package flagvalue

import (
	"fmt"

	"github.com/spf13/pflag"
)

// Once makes a flag refuse a second value that differs from its first: which of the two was meant is
// not for this program to guess. A flag that keeps a list of values is left as it is.
func Once(f *pflag.Flag) {
	if _, list := f.Value.(pflag.SliceValue); list {
		return
	}
	if f.DefValue == "0s" {
		f.DefValue = "0" // Help knows by it that a duration has no default worth telling.
	}
	f.Value = &once{Value: f.Value, name: f.Name}
}

// once is a flag that takes one value.
type once struct {
	pflag.Value
	name  string
	given *string // nil until there is one
}

// Set takes the only value, also when it is said again.
func (o *once) Set(value string) error {
	if o.given != nil && *o.given != value {
		return &twiceError{name: o.name, first: *o.given, second: value}
	}
	if err := o.Value.Set(value); err != nil {
		return err
	}
	o.given = &value
	return nil
}

// twiceError is that of a flag with two values.
type twiceError struct{ name, first, second string }

func (e *twiceError) Error() string {
	return fmt.Sprintf("it is given twice, as %q and as %q: %s takes one value", e.first, e.second, e.name)
}
