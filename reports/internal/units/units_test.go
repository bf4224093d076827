package units

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for _, test := range []struct {
		in   time.Duration
		want string
	}{
		{0, "0 ns"},
		{850, "850 ns"},
		{999_600, "1.00 ms"}, // rounds into the next unit
		{152_340, "152 µs"},
		{12_440 * time.Microsecond, "12.4 ms"},
		{999_900 * time.Microsecond, "1.00 s"},
		{1_310 * time.Millisecond, "1.31 s"},
		{25 * time.Second, "25.0 s"},
		{time.Hour, "3600 s"},
		{-2 * time.Millisecond, "-2.00 ms"},
	} {
		if got := Duration(test.in); got != test.want {
			t.Errorf("duration(%d) = %q; want %q", test.in, got, test.want)
		}
	}
}

// A margin has no more digits than a reader can use, also where it was derived from a duration.
func TestMargin(t *testing.T) {
	for fraction, want := range map[float64]string{
		0.1: "+10 %", 0.025: "+2.5 %", 0.0125: "+1.25 %", 0.125: "+12.5 %", 0.16324: "+16.3 %", 2: "+200 %",
	} {
		if got := Margin(fraction); got != want {
			t.Errorf("Margin(%v) = %q; want %q", fraction, got, want)
		}
	}
}

// A number and its unit stay together, and nothing else changes.
func TestTight(t *testing.T) {
	for in, want := range map[string]string{
		"10.6 ms instead of 140 ms": "10.6~ms instead of 140~ms",
		"-89 % [-89 %, -88 %]":      "-89~% [-89~%, -88~%]",
		"5 seconds, 5 s":            "5 seconds, 5~s",
		"45 msx, a %":               "45 msx, a %",
		"":                          "",
	} {
		if got := Tight(in, "~"); got != want {
			t.Errorf("%q becomes %q; want %q", in, got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	for want, c := range map[string]struct {
		n    int
		noun string
	}{
		"1 search": {1, "search"}, "2 searches": {2, "search"}, "8 epochs": {8, "epoch"}, "0 trials": {0, "trial"},
		"1,000 cells": {1000, "cell"},
	} {
		if got := Plural(c.n, c.noun); got != want {
			t.Errorf("Plural(%d, %q) = %q; want %q", c.n, c.noun, got, want)
		}
	}
}
