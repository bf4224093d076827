package digits

import "testing"

// Sizes have three digits in the unit that suits, and whole ones in between.
func TestBytes(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 B", 512: "512 B", 1 << 10: "1.00 KiB", 449 << 20: "449 MiB", 552.4 * (1 << 20): "552 MiB",
		137 << 30: "137 GiB", 1000 << 20: "1000 MiB", 3 << 40: "3.00 TiB",
	} {
		if got := Bytes(bytes); got != want {
			t.Errorf("Bytes(%g) = %q; want %q", bytes, got, want)
		}
	}
}

// One thing has the word for one, none and several have the other.
func TestCount(t *testing.T) {
	for want, c := range map[string]struct {
		n    int
		noun string
	}{
		"1 search": {1, "search"}, "2 searches": {2, "search"}, "8 epochs": {8, "epoch"}, "0 trials": {0, "trial"},
		"1000 cells": {1000, "cell"}, "3 entries": {3, "entry"}, "1 entry": {1, "entry"}, "2 keys": {2, "key"},
		"1 control trial": {1, "control trial"}, "5 control trials": {5, "control trial"}, "2 losses": {2, "loss"},
	} {
		if got := Count(c.n, c.noun); got != want {
			t.Errorf("Count(%d, %q) = %q; want %q", c.n, c.noun, got, want)
		}
	}
}
