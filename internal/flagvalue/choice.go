// Package flagvalue is what flags take beside plain text, and the words in which a value is
// refused: how it was given, what it is, and what is wanted instead.
package flagvalue

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/nearest"
)

// choice is a flag that takes one of a few words.
type choice[T ~string] struct {
	to    *T
	words []string
}

// OneOf gives a set of flags one that takes one of some words, the first of them by default.
// The words stand behind its usage in the help.
func OneOf[T ~string](flags *pflag.FlagSet, to *T, name, usage string, words ...T) {
	c := choice[T]{to: to}
	for _, w := range words {
		c.words = append(c.words, string(w))
	}
	*to = words[0]
	flags.Var(c, name, usage+": "+strings.Join(c.words, ", "))
}

// Words are all values that a flag of OneOf takes, nil for any other flag.
func Words(f *pflag.Flag) []string {
	value := f.Value
	if o, is := value.(*once); is {
		value = o.Value
	}
	if c, is := value.(interface{ Words() []string }); is {
		return c.Words()
	}
	return nil
}

// Words are all values that it takes.
func (c choice[T]) Words() []string { return c.words }

// String is the value.
func (c choice[T]) String() string {
	if c.to == nil {
		return "" // Flag packages make one to find what no value is.
	}
	return string(*c.to)
}

// Set takes one of the words.
func (c choice[T]) Set(value string) error {
	if !slices.Contains(c.words, value) {
		return errors.New(nearest.Cure(value, c.words))
	}
	*c.to = T(value)
	return nil
}

// Type is the word that stands for the value in help, where the usage names none.
func (c choice[T]) Type() string { return "WORD" }
