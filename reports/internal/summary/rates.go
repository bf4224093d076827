package summary

import (
	"cmp"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
)

// SecondRate is the rate over one second; the last of intended starts may be shorter.
type SecondRate struct {
	At, Width time.Duration
	Rate      float64 // requests per second that ended OK
}

// AnswersCounted tells whether a trial counts its answers by the second in which they came.
func AnswersCounted(t *bench.Trial) bool {
	return slices.ContainsFunc(t.Measurements, func(m bench.Measurement) bool {
		return slices.ContainsFunc(m.Timeline, func(s bench.Second) bool { return s.Answered > 0 })
	})
}

// AchievedRates sums a trial's operations up by second: the answers that came in each
// whole second of its schedule and, of a server that fell behind, in each after it.
func AchievedRates(t *bench.Trial) []SecondRate {
	if !AnswersCounted(t) {
		return dueRates(t)
	}
	const most = 48 * 60 * 60 // seconds: a trial takes a day at most; what is damaged may say anything
	whole := int(min(max(t.Load.Length/time.Second, 0), most))
	rates := make([]SecondRate, whole)
	for _, m := range t.Measurements {
		for _, sec := range m.Timeline {
			i := int(sec.At / time.Second)
			// In the second that ends the schedule some always come: that alone is not behind.
			if sec.Answered <= 0 || i < 0 || i > most || i == whole && !answersAfter(t, sec.At) {
				continue
			}
			for len(rates) <= i {
				rates = append(rates, SecondRate{})
			}
			rates[i].Rate += float64(sec.Answered)
		}
	}
	for i := range rates {
		rates[i].At, rates[i].Width = time.Duration(i)*time.Second, time.Second
	}
	return rates
}

// answersAfter tells whether answers came later than in the second that begins at at.
func answersAfter(t *bench.Trial, at time.Duration) bool {
	return slices.ContainsFunc(t.Measurements, func(m bench.Measurement) bool {
		return slices.ContainsFunc(m.Timeline, func(s bench.Second) bool { return s.At > at && s.Answered > 0 })
	})
}

// dueRates are, of a trial that does not count its answers by second, the requests due in
// each second that ended OK. A last piece of less than half a second is left out: so few
// arrivals say little.
func dueRates(t *bench.Trial) []SecondRate {
	var rates []SecondRate
	for _, m := range t.Measurements {
		for _, sec := range m.Timeline {
			i, found := slices.BinarySearchFunc(rates, sec.At, func(r SecondRate, at time.Duration) int {
				return cmp.Compare(r.At, at)
			})
			if !found {
				width := time.Second
				if left := t.Load.Length - sec.At; left < width {
					width = left
				}
				if width < time.Second/2 {
					continue
				}
				rates = slices.Insert(rates, i, SecondRate{At: sec.At, Width: width})
			}
			rates[i].Rate += float64(sec.Outcomes.OK) / rates[i].Width.Seconds()
		}
	}
	return rates
}

// ThinRates keeps the lowest rate of each stretch, so that no stall is lost.
func ThinRates(rates []SecondRate, want int) []SecondRate {
	if len(rates) <= want {
		return rates
	}
	var out []SecondRate
	for chunk := range slices.Chunk(rates, (len(rates)+want-1)/want) {
		lowest := chunk[0]
		for _, r := range chunk[1:] {
			if r.Rate < lowest.Rate {
				lowest = r
			}
		}
		out = append(out, lowest)
	}
	return out
}
