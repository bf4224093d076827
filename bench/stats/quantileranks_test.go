package stats

import "testing"

// The ranks are those of printed tables; too few values leave an end open.
func TestQuantileRanks(t *testing.T) {
	if low, high := QuantileRanks(100, 0.5, 0.025); low != 40 || high != 61 {
		t.Errorf("ranks of a median of 100 = %d, %d; want 40 and 61, as tables have them", low, high)
	}
	if low, high := QuantileRanks(3, 0.99, 0.025); low < 1 || high != 4 {
		t.Errorf("ranks of P99 of three = %d, %d; want one within and 4, which is beyond them", low, high)
	}
}
