package faults

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Value is one of the values that a kind of fault has.
type Value struct {
	form string
	set  func(*Fault, string) bool
	get  func(Fault) string
}

// On is the value of kinds that strike always.
var On = Word("on")

// Word is a value that is one of a few words.
func Word(words ...string) Value {
	return Value{strings.Join(words, "|"), func(f *Fault, v string) bool {
		f.Word = v
		return slices.Contains(words, v)
	}, func(f Fault) string { return f.Word }}
}

// The values there are. Shares and factors are above 0.
var (
	Duration = Value{"DURATION", func(f *Fault, v string) bool { return setTime(&f.Duration, v) },
		func(f Fault) string { return f.Duration.String() }}
	Period = Value{"DURATION", func(f *Fault, v string) bool { return setTime(&f.Period, v) },
		func(f Fault) string { return f.Period.String() }}
	Skew = Value{"SKEW", func(f *Fault, v string) bool {
		return setTime(&f.Duration, strings.TrimPrefix(v, "-")) && negate(f, v)
	},
		func(f Fault) string { return f.Duration.String() }} // may be negative
	Share  = numberUpTo("SHARE", 1)
	Factor = numberUpTo("FACTOR", 100)
	Sigma  = numberUpTo("SIGMA", 4)
	Count  = numberUpTo("N", 1e9) // whole
)

func setTime(d *time.Duration, text string) bool {
	var err error
	*d, err = time.ParseDuration(text)
	return err == nil && *d > 0 && *d <= time.Hour
}

// negate makes the duration negative when its text begins so; it is always true.
func negate(f *Fault, text string) bool {
	if strings.HasPrefix(text, "-") {
		f.Duration = -f.Duration
	}
	return true
}

// numberUpTo is a number above 0 and up to most.
func numberUpTo(form string, most float64) Value {
	return Value{form, func(f *Fault, v string) bool {
		var err error
		f.Number, err = strconv.ParseFloat(v, 64)
		whole := form != "N" || f.Number == math.Trunc(f.Number)
		return err == nil && f.Number > 0 && f.Number <= most && whole
	}, func(f Fault) string { return strconv.FormatFloat(f.Number, 'g', -1, 64) }}
}
