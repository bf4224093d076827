package stats

import (
	"math"
	"sync"
)

// Table is a two-by-two table of counts, none negative: of two groups, how
// many members had the property (Hits) and how many had not (Misses).
type Table struct {
	HitsA, MissesA int
	HitsB, MissesB int
}

// FisherMoreInB returns Fisher's exact one-sided p value against "the property
// is no more frequent in B than in A": the hypergeometric probability of at
// least HitsB hits in B, all margins fixed. An empty group gives 1.
//
// Source: Fisher, "The Design of Experiments" (1935); Agresti, "Categorical
// Data Analysis", 3.5.1.
func FisherMoreInB(t Table) float64 {
	low, high := t.support()
	p := 0.0
	for k := max(t.HitsB, low); k <= high; k++ {
		p += t.probability(k)
	}
	return min(p, 1)
}

// FisherTwoSided returns Fisher's exact two-sided p value: the total
// probability of all tables, all margins fixed, that are no more probable than
// the observed one. Tables that are equally probable up to rounding (one part
// in 10^7, as in R's fisher.test) count.
func FisherTwoSided(t Table) float64 {
	low, high := t.support()
	observed := t.probability(t.HitsB) * (1 + 1e-7)
	p := 0.0
	for k := low; k <= high; k++ {
		if q := t.probability(k); q <= observed {
			p += q
		}
	}
	return min(p, 1)
}

// support is the range of HitsB that the margins allow.
func (t Table) support() (low, high int) {
	hits, b := t.HitsA+t.HitsB, t.HitsB+t.MissesB
	a := t.HitsA + t.MissesA
	return max(0, hits-a), min(hits, b)
}

// probability of k hits in B, all margins fixed.
func (t Table) probability(k int) float64 {
	a, b, hits := t.HitsA+t.MissesA, t.HitsB+t.MissesB, t.HitsA+t.HitsB
	return math.Exp(logChoose(b, k) + logChoose(a, hits-k) - logChoose(a+b, hits))
}

// logChoose is the logarithm of the binomial coefficient, 0 <= k <= n.
func logChoose(n, k int) float64 {
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

// logFactorials are those of counts of trials, which are asked for again and again.
var logFactorials = sync.OnceValue(func() *[1024]float64 {
	var table [1024]float64
	for x := range table {
		table[x], _ = math.Lgamma(float64(x) + 1)
	}
	return &table
})

// logFactorial is ln(x!), 0 <= x.
func logFactorial(x int) float64 {
	if table := logFactorials(); x < len(*table) {
		return table[x]
	}
	v, _ := math.Lgamma(float64(x) + 1)
	return v
}
