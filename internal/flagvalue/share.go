package flagvalue

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// share is a flag that takes a part of a whole.
type share struct{ to **float64 }

// Share gives a set of flags one that takes a part of a whole, as "1%" or "0.01". It stays nil where none
// is given, for nothing of a whole is a value, too.
func Share(flags *pflag.FlagSet, to **float64, name, usage string) { flags.Var(share{to}, name, usage) }

// String is the value as a number from 0 to 1, "" without one.
func (s share) String() string {
	if s.to == nil || *s.to == nil {
		return ""
	}
	return strconv.FormatFloat(**s.to, 'g', -1, 64)
}

// Set takes "1%" or "0.01".
func (s share) Set(value string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(value), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		n /= 100
	}
	if err != nil || !(n >= 0 && n <= 1) {
		return errors.New("want a share from 0 to 100%, such as 1% or 0.01")
	}
	*s.to = &n
	return nil
}

// Type is the word that stands for the value in help, where the usage names none.
func (s share) Type() string { return "SHARE" }
