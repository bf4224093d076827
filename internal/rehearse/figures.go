package rehearse

import (
	"fmt"
	"time"

	"github.com/oauthbench/oauthbench/bench/projection"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// took is a duration for people.
func took(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	case d.Round(time.Second) >= time.Minute:
		return d.Round(time.Second).String()
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

// size is a number of bytes for people, and bytesOf one that was projected.
func size(bytes int64) string      { return bytesOf(float64(bytes)) }
func bytesOf(bytes float64) string { return digits.Bytes(bytes) }

// count is a number of rows for people: three digits, and a word for thousands and millions.
func count(n float64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.3g billion", n/1e9)
	case n >= 999_500:
		return fmt.Sprintf("%.3g million", n/1e6)
	case n >= 10_000:
		return fmt.Sprintf("%.3g thousand", n/1e3)
	}
	return fmt.Sprintf("%.0f", n)
}

// within shows an estimate with its interval, where there is one.
func within(of func(float64) string) func(projection.Estimate) string {
	return func(e projection.Estimate) string {
		low, mean, high := of(e.Low), of(e.Mean), of(e.High)
		if low == high {
			return mean
		}
		return mean + " [" + low + " to " + high + "]"
	}
}

// figure shows one value of a change, with its interval.
func figure(f upgrade.Figure, unit upgrade.Unit) string {
	of := valueIn(unit)
	high := "?"
	if f.High > 0 {
		high = of(f.High)
	}
	return of(f.Value) + " [" + of(f.Low) + " to " + high + "]"
}

func valueIn(unit upgrade.Unit) func(float64) string {
	switch unit {
	case upgrade.UnitTime:
		return func(v float64) string { return fmt.Sprintf("%.3g ms", v/1e6) }
	case upgrade.UnitBytes:
		return bytesOf
	case upgrade.UnitCores:
		return func(v float64) string { return fmt.Sprintf("%.2f cores", v) }
	}
	return count
}

// changed is by how much a value has changed.
func changed(c upgrade.Change) string {
	if c.Before.Value == 0 {
		return ""
	}
	return fmt.Sprintf("%+.0f %%", 100*(c.After.Value/c.Before.Value-1))
}
