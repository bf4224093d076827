package bench

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// Process is how arrivals scatter around the offered rate. It places the n arrivals of a stretch of
// unit rate in [0, n), ascending, and any part of them alone: a node of a binary tree that halves
// [0, n) again and again is told how many of them it has, and passes its share on to each half. The
// segments of a load then stretch and squeeze the places (time change of a point process).
type Process struct {
	Name, Summary string
	// left draws how many of a node's arrivals are in its first half.
	left func(n node, rng *rand.Rand) int
	// fill draws the places of a node's arrivals.
	fill func(n node, rng *rand.Rand, places []float64)
}

// Processes are the arrival processes there are.
var Processes = []Process{
	{"poisson", "independent users: exponential gaps, the count fixed (default)", poissonLeft, poissonFill},
	{"constant", "evenly spaced, with a random phase", constantLeft, constantFill},
}

// stream is one stream of arrivals in a drawing.
type stream struct {
	seed  uint64
	count int // of its arrivals
}

// node is what a part of the tree has of one stream: of 2^level equal parts of [0, stream.count)
// the one of that index.
type node struct {
	stream stream
	level  int
	index  uint64
	first  int // number of its first arrival in the stream
	count  int // of its arrivals
}

// place is where the index-th of the node's 2^level parts begins; the end of a part is, to the last
// bit, the beginning of the next, on every level.
func (n node) place(index uint64) float64 {
	return float64(n.stream.count) * (float64(index) / float64(uint64(1)<<n.level))
}

// half is the node's first half when left of its arrivals are in it, or the second.
func (n node) half(second bool, left int) node {
	n.level, n.index = n.level+1, 2*n.index
	if second {
		n.index, n.first, n.count = n.index+1, n.first+left, n.count-left
	} else {
		n.count = left
	}
	return n
}

// seed begins the random numbers of this node, which are no other's.
func (n node) seed(pcg *rand.PCG) {
	pcg.Seed(RandomAt(n.stream.seed, 0), RandomAt(RandomAt(n.stream.seed, 1), uint64(1)<<n.level+n.index))
}

// RandomAt is the i-th random number of a seed, without those before it (SplitMix64: Steele, Lea
// and Flood, Fast splittable pseudorandom number generators, 2014).
func RandomAt(seed, i uint64) uint64 {
	z := seed + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// poissonLeft splits a Poisson process of which the count is known: then its n arrivals are
// independent and uniform (Kingman, Poisson Processes, 1993, section 2.4), so that as many of them are
// in the first half as n coins show heads. Fixing the count keeps the offered rate and the
// number of requests of a trial what the plan says; the gaps stay exponential.
func poissonLeft(n node, rng *rand.Rand) int { return heads(rng, n.count) }

// poissonFill has the order statistics of uniform places from normalised exponential spacings,
// without sorting.
func poissonFill(n node, rng *rand.Rand, places []float64) {
	var sum float64
	for i := range places {
		sum += rng.ExpFloat64()
		places[i] = sum
	}
	sum += rng.ExpFloat64()
	from := n.place(n.index)
	width := n.place(n.index+1) - from
	for i := range places {
		places[i] = from + float64(width*(places[i]/sum))
	}
}

// constantPhase is where the first of arrivals one apart is: random, so that two constant streams
// in one load do not fire together for ever.
func constantPhase(s stream) float64 {
	var pcg rand.PCG
	pcg.Seed(s.seed, 0x5eed)
	return float64(pcg.Uint64()<<11>>11) / (1 << 53)
}

func constantLeft(n node, _ *rand.Rand) int {
	halves := n.half(true, 0)
	before := int(math.Ceil(halves.place(halves.index) - constantPhase(n.stream)))
	return min(max(before-n.first, 0), n.count)
}

func constantFill(n node, _ *rand.Rand, places []float64) {
	phase := constantPhase(n.stream)
	for i := range places {
		places[i] = float64(n.first+i) + phase
	}
}

// fewCoins are thrown one by one, as bits; of more, only their number is drawn.
const fewCoins = 1 << 12

// heads draws how many of n coins show heads: a binomial number of chance 1/2.
func heads(rng *rand.Rand, n int) int {
	if n >= fewCoins {
		return manyHeads(rng, n)
	}
	count := 0
	for ; n >= 64; n -= 64 {
		count += bits.OnesCount64(rng.Uint64())
	}
	return count + bits.OnesCount64(rng.Uint64()&(uint64(1)<<n-1))
}

// manyHeads is heads for many coins, in a time that does not depend on their number: Hörmann's
// transformed rejection (The generation of binomial random variates, 1993, algorithm BTRS), with
// its names. It is exact but for the rounding of logarithms, of some 1e-6 at a thousand million coins.
//
// Note: float64() around products keeps a compiler from fusing them with sums, so that a seed draws the
// same on every processor.
func manyHeads(rng *rand.Rand, n int) int {
	mean, deviation := float64(n)/2, math.Sqrt(float64(n))/2
	b := 1.15 + float64(2.53*deviation)
	a := -0.0873 + float64(0.0248*b) + 0.005
	alpha := float64((2.83 + 5.1/b) * deviation)
	most := logCombinations(n, float64(n/2))
	for {
		u, v := rng.Float64()-0.5, rng.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor(float64((2*a/us+b)*u) + mean + 0.5)
		if us >= 0.07 && v <= 0.92-4.2/b {
			return int(k)
		}
		if !(k >= 0 && k <= float64(n)) {
			continue
		}
		if math.Log(v*alpha/(a/float64(us*us)+b)) <= logCombinations(n, k)-most {
			return int(k)
		}
	}
}

// logCombinations is the logarithm of n over k, less a number that depends on n alone.
func logCombinations(n int, k float64) float64 {
	below, _ := math.Lgamma(k + 1)
	above, _ := math.Lgamma(float64(n) - k + 1)
	return -below - above
}
