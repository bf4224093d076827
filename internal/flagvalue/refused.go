package flagvalue

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// wanted says what flags of plain types take. Their own errors are those of a parser.
var wanted = map[string]string{
	"bool":     "true or false",
	"int":      "a whole number",
	"float64":  "a number such as 0.5",
	"duration": "a duration such as 30s or 1m30s",
}

// Refused is the error of a value that a flag does not take, for the cause that its Set gave.
// Where is how the value was given: "--rate", or the name of a variable.
func Refused(where string, f *pflag.Flag, value string, cause error) error {
	if twice, is := errors.AsType[*twiceError](cause); is {
		return fmt.Errorf("%s: %w", where, twice)
	}
	if want, plain := wanted[f.Value.Type()]; plain {
		return fmt.Errorf("%s %q: want %s", where, value, want)
	}
	return fmt.Errorf("%s %q: %w", where, plaintext.Target(value), cause)
}
