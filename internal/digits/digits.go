// Package digits prints numbers for people: in three significant digits, sizes in bytes, and counts with what they
// are of.
package digits

import (
	"math"
	"strconv"
	"strings"
)

// None stands where there is no figure.
const None = "–"

// Significant rounds to three significant digits.
func Significant(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}

// Digits prints three significant digits and no exponent; larger numbers whole.
func Digits(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	places := 2
	for limit := 10.0; places > 0 && math.Abs(Significant(v)) >= limit; limit *= 10 {
		places--
	}
	for limit := 1.0; v != 0 && places < 6 && math.Abs(v) < limit; limit /= 10 {
		places++
	}
	return strconv.FormatFloat(v, 'f', places, 64)
}

// Bytes prints a size in the unit that suits: "449 MiB".
func Bytes(bytes float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.size {
			return Digits(bytes/u.size) + " " + u.name
		}
	}
	return strconv.FormatFloat(bytes, 'f', 0, 64) + " B"
}

// Count prints a number with what it is of: "1 trial", "2 trials". The noun is one thing, its last word the one that
// changes: "control trial". Every text that counts things has its count from here, but for "1 of 4 trials".
func Count[N int | int32 | int64 | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(int64(n), 10) + " " + Plural(noun)
}

// Plural is the word for several things.
func Plural(noun string) string {
	switch stem, y := strings.CutSuffix(noun, "y"); {
	case y && !strings.ContainsAny(stem[max(len(stem)-1, 0):], "aeiou"): // entries, and not keys
		return stem + "ies"
	case strings.HasSuffix(noun, "rch"), strings.HasSuffix(noun, "s"): // searches, and not epochs
		return noun + "es"
	}
	return noun + "s"
}
