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
