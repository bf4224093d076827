package stats

import "sync"

// mostKept is the size of a law, in values, up to which it is kept once it was computed: the laws of the runs
// that are judged are small and asked for again and again, large ones are asked for once.
const mostKept = 10_000

// memo keeps exact laws that were computed. Nobody may change what it returns. Safe for
// concurrent use.
type memo[K comparable] struct{ laws sync.Map }

// of returns the law of a key, from compute when it is not kept.
func (m *memo[K]) of(key K, compute func() []float64) []float64 {
	if law, kept := m.laws.Load(key); kept {
		return law.([]float64)
	}
	law := compute()
	if len(law) <= mostKept {
		m.laws.Store(key, law)
	}
	return law
}

var (
	signedRankLaws memo[int]
	rankSumLaws    memo[[2]int]
	kendallLaws    memo[int]
)

func signedRankLaw(n int) []float64 {
	return signedRankLaws.of(n, func() []float64 { return SignedRankLaw(n) })
}

func rankSumLaw(m, n int) []float64 {
	return rankSumLaws.of([2]int{m, n}, func() []float64 { return RankSumLaw(m, n) })
}
