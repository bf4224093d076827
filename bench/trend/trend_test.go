package trend

import (
	"testing"
	"time"
)

func TestChangesNameTheRelease(t *testing.T) {
	ms := func(values ...float64) (out []time.Duration) {
		for _, v := range values {
			out = append(out, time.Duration(v*1e6))
		}
		return out
	}
	got := Changes(ms(10, 10.1, 9.9, 10, 12, 12.1, 11.9, 12.05))
	if len(got) != 1 || got[0].At != 4 || got[0].Before.Round(time.Millisecond) != 10*time.Millisecond ||
		got[0].After.Round(time.Millisecond) != 12*time.Millisecond {
		t.Errorf("changes %+v; want one from 10 to 12 ms at the fifth release", got)
	}
	if got := Changes(ms(10, 10.1, 9.9)); got != nil {
		t.Errorf("three releases: %+v; want nothing", got)
	}
}
