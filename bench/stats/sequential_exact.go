package stats

// exactCriticals returns for each look the largest w such that
// P(T_j <= w_j for some look j up to this one) <= budgets[look]; -1 where the
// look can reject nothing.
func exactCriticals(looks []int, budgets []float64) []int {
	var critical []int
	crossed := 0.0
	for k := range looks {
		limit := largestWithin(looks[k], budgets[k])
		law := newJointRanks(looks[:k+1], critical, limit).run()
		w := -1
		for w < limit && crossed+law[w+1] <= budgets[k] {
			w++
			crossed += law[w]
		}
		critical = append(critical, w)
	}
	return critical
}

// jointRanks computes P(T_K = w and T_k > critical[k] for all earlier looks k)
// by walking through the observations of the last look in the order of their
// absolute value. Under the null hypothesis each comes from any of the
// remaining observations with equal probability, and its sign is a fair coin.
// One that belongs to group g (observed between looks g-1 and g) and is
// negative adds to T_k, k >= g, its rank among the observations of groups 0..k:
// the number of those walked through so far.
//
// State: how many of each group have been walked through, and each T, counted
// no further than needed to know on which side of its critical value it ends.
type jointRanks struct {
	sizes []int // observations per group
	caps  []int // T_k is counted up to caps[k]
}

func newJointRanks(looks, critical []int, limit int) jointRanks {
	j := jointRanks{}
	for k, n := range looks {
		size := n
		if k > 0 {
			size -= looks[k-1]
		}
		j.sizes = append(j.sizes, size)
		if k < len(critical) {
			j.caps = append(j.caps, critical[k]+1)
		} else {
			j.caps = append(j.caps, limit+1)
		}
	}
	return j
}

// jointStates is the number of states that the last look of a plan needs.
func jointStates(looks []int, budgets []float64) float64 {
	states := 1.0
	for k, n := range looks {
		size := n
		if k > 0 {
			size -= looks[k-1]
		}
		states *= float64(size+1) * float64(largestWithin(n, budgets[k])+2)
	}
	return states
}

// run returns the law of T_K on paths that crossed at no earlier look; element
// w, for w below the cap.
func (j jointRanks) run() []float64 {
	last := len(j.sizes) - 1
	width := 1 // number of combinations of the T's
	for _, c := range j.caps {
		width *= c + 1
	}
	total := 0
	for _, n := range j.sizes {
		total += n
	}
	codes := 1 // number of combinations of observations walked through
	for _, n := range j.sizes {
		codes *= n + 1
	}
	taken := make([]int, len(j.sizes))
	layer := make([][]float64, codes) // nil where nothing can be
	layer[0] = make([]float64, width)
	layer[0][0] = 1
	for walked := range total {
		next := make([][]float64, codes)
		for code, from := range layer {
			if from == nil {
				continue
			}
			j.decode(code, taken)
			for g, size := range j.sizes {
				if taken[g] == size {
					continue
				}
				taken[g]++
				to := j.encode(taken)
				if next[to] == nil {
					next[to] = make([]float64, width)
				}
				j.step(from, next[to], g, taken, float64(size-taken[g]+1)/float64(total-walked)/2)
				taken[g]--
			}
		}
		layer = next
	}
	end := layer[j.encode(j.sizes)]
	law := make([]float64, j.caps[last]+1)
	// The T's of earlier looks must have reached their caps; T_K varies fastest.
	copy(law, end[width-len(law):])
	return law
}

// step moves the probability of all T's by one observation of group g, with
// weight p for each sign.
func (j jointRanks) step(from, to []float64, g int, taken []int, p float64) {
	ranks := make([]int, len(taken))
	sum := 0
	for k, n := range taken {
		sum += n
		if k >= g {
			ranks[k] = sum
		}
	}
	for i, f := range from {
		if f == 0 {
			continue
		}
		to[i] += f * p
		rest, shifted, stride := i, 0, 1
		for k := len(ranks) - 1; k >= 0; k-- {
			base := j.caps[k] + 1
			shifted += min(rest%base+ranks[k], j.caps[k]) * stride
			rest, stride = rest/base, stride*base
		}
		to[shifted] += f * p
	}
}

func (j jointRanks) encode(taken []int) int {
	code := 0
	for g, n := range taken {
		code = code*(j.sizes[g]+1) + n
	}
	return code
}

func (j jointRanks) decode(code int, taken []int) {
	for g := len(taken) - 1; g >= 0; g-- {
		taken[g] = code % (j.sizes[g] + 1)
		code /= j.sizes[g] + 1
	}
}
