// Package units prints figures: times, rates, counts, ratios and shares, each in one
// form for every format.
package units

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/digits"
)

// None stands where there is no figure.
const None = digits.None

// Duration prints three significant digits in the unit that suits: "152 µs",
// "12.4 ms", "1.31 s".
func Duration(d time.Duration) string {
	// Rounding may reach the next unit (999.6 µs), so it is done first.
	v := Significant(math.Abs(float64(d)))
	sign := ""
	if d < 0 {
		sign = "-"
	}
	switch {
	case v < 1e3:
		return fmt.Sprintf("%s%.0f ns", sign, v)
	case v < 1e6:
		return sign + Digits(v/1e3) + " µs"
	case v < 1e9:
		return sign + Digits(v/1e6) + " ms"
	default:
		return sign + Digits(v/1e9) + " s"
	}
}

// DurationOrNone is duration for a time that cannot be 0: there, 0 means that
// nothing was measured.
func DurationOrNone(d time.Duration) string {
	if d == 0 {
		return None
	}
	return Duration(d)
}

// Significant rounds to three significant digits.
func Significant(v float64) float64 { return digits.Significant(v) }

// Digits prints three significant digits and no exponent; larger numbers whole.
func Digits(v float64) string { return digits.Digits(v) }

// Rate prints requests per second.
func Rate(v float64) string { return Digits(v) + "/s" }

// Count prints an integer in groups of three digits.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := len(s) - len(strings.TrimPrefix(s, "-"))
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Factor prints a ratio without its sign of multiplication: "1.06", "0.043".
func Factor(v float64) string {
	switch {
	case math.IsNaN(v):
		return None
	case math.IsInf(v, 0):
		return "∞"
	}
	return verdict.Factor(v)
}

// Interval prints the bounds of a ratio, "" when there are none.
func Interval(i verdict.Interval) string {
	if math.IsNaN(i.Low) || math.IsNaN(i.High) || math.IsInf(i.High, 0) {
		return ""
	}
	return "[" + Factor(i.Low) + ", " + Factor(i.High) + "]"
}

// Clip shortens s to at most n characters.
func Clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

// Plural prints "1 trial", "2 trials", "1,000 trials".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(int64(n)) + " " + digits.Plural(noun)
}

// Milliseconds is a positive figure for a logarithmic axis: at least a nanosecond.
func Milliseconds(d time.Duration) float64 { return float64(max(d, 1)) / float64(time.Millisecond) }

// TickMilliseconds prints a tick given in milliseconds in the unit that suits.
func TickMilliseconds(ms float64) string {
	switch {
	case ms == 0:
		return "0"
	case ms >= 1000:
		return TickNumber(ms/1000) + " s"
	case ms >= 1:
		return TickNumber(ms) + " ms"
	}
	return TickNumber(ms*1000) + " µs"
}

// TickNumber prints a tick without noise of the last digits.
func TickNumber(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e9)/1e9+0, 'f', -1, 64)
}

func Finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func Percent(share float64) string { return Digits(100*share) + " %" }

func Round(v float64, places int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', places, 64), 64)
	return r
}

// Change prints a ratio as a change in per cent, with its sign: "-80 %", "+6.2 %".
func Change(ratio float64) string {
	v := 100 * (ratio - 1)
	switch {
	case math.IsNaN(v):
		return None
	case math.IsInf(v, 0):
		return "+∞ %"
	}
	places := 0
	if math.Abs(v) < 9.95 || v < -99 {
		places = 1
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	switch {
	case strings.Trim(text, "-0.") == "":
		return "0 %"
	case v > 0:
		text = "+" + text
	}
	return text + " %"
}

// Margin prints a margin as a change with at most three digits: "+10 %", "+2.5 %", "+16.3 %".
func Margin(fraction float64) string {
	percent := math.Round(fraction*1e4) / 100
	if percent >= 10 {
		percent = math.Round(percent*10) / 10
	}
	return "+" + strconv.FormatFloat(percent, 'f', -1, 64) + " %"
}

// figure is a number with its unit behind a space.
var figure = regexp.MustCompile(`([0-9]) (ns|µs|ms|s|KiB|MiB|GiB)\b|([0-9]) (%)`)

// Tight puts space between each number and its unit, so that a line does not break there.
func Tight(text, space string) string { return figure.ReplaceAllString(text, "$1$3"+space+"$2$4") }
