package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"oauthbench/bench/verdict"
)

// none stands where there is no figure.
const none = "–"

// duration prints three significant digits in the unit that suits: "152 µs",
// "12.4 ms", "1.31 s".
func duration(d time.Duration) string {
	// Rounding may reach the next unit (999.6 µs), so it is done first.
	v := significant(math.Abs(float64(d)))
	sign := ""
	if d < 0 {
		sign = "-"
	}
	switch {
	case v < 1e3:
		return fmt.Sprintf("%s%.0f ns", sign, v)
	case v < 1e6:
		return sign + digits(v/1e3) + " µs"
	case v < 1e9:
		return sign + digits(v/1e6) + " ms"
	default:
		return sign + digits(v/1e9) + " s"
	}
}

// durationOrNone is duration for a time that cannot be 0: there, 0 means that
// nothing was measured.
func durationOrNone(d time.Duration) string {
	if d == 0 {
		return none
	}
	return duration(d)
}

// significant rounds to three significant digits.
func significant(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}

// digits prints three significant digits and no exponent; larger numbers whole.
func digits(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	places := 2
	for limit := 10.0; places > 0 && math.Abs(significant(v)) >= limit; limit *= 10 {
		places--
	}
	for limit := 1.0; v != 0 && places < 6 && math.Abs(v) < limit; limit /= 10 {
		places++
	}
	return strconv.FormatFloat(v, 'f', places, 64)
}

// rate prints requests per second.
func rate(v float64) string { return digits(v) + "/s" }

// count prints an integer in groups of three digits.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := len(s) - len(strings.TrimPrefix(s, "-"))
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// factor prints a ratio without its sign of multiplication: "1.06", "0.043".
func factor(v float64) string {
	switch {
	case math.IsNaN(v):
		return none
	case math.IsInf(v, 0):
		return "∞"
	case v != 0 && v < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v >= 99.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// interval prints the bounds of a ratio, "" when there are none.
func interval(i verdict.Interval) string {
	if math.IsNaN(i.Low) || math.IsNaN(i.High) || math.IsInf(i.High, 0) {
		return ""
	}
	return "[" + factor(i.Low) + ", " + factor(i.High) + "]"
}

// clip shortens s to at most n characters.
func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

// plural prints "1 trial", "2 trials".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(int64(n)) + " " + noun + "s"
}

// milliseconds is a positive figure for a logarithmic axis: at least a nanosecond.
func milliseconds(d time.Duration) float64 { return float64(max(d, 1)) / float64(time.Millisecond) }

// tickMilliseconds prints a tick given in milliseconds in the unit that suits.
func tickMilliseconds(ms float64) string {
	switch {
	case ms == 0:
		return "0"
	case ms >= 1000:
		return tickNumber(ms/1000) + " s"
	case ms >= 1:
		return tickNumber(ms) + " ms"
	}
	return tickNumber(ms*1000) + " µs"
}

// tickNumber prints a tick without noise of the last digits.
func tickNumber(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e9)/1e9+0, 'f', -1, 64)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func percent(share float64) string { return digits(100*share) + " %" }

func round(v float64, places int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', places, 64), 64)
	return r
}
