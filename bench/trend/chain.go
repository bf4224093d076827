package trend

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/oauthbench/oauthbench/bench/stats"
)

// Ratio is what one comparison, side by side, said of two releases.
type Ratio struct {
	From, To string
	// Log is ln(To/From), Error its standard error, above 0.
	Log, Error float64
	// Freedom is the degrees of freedom of Error: independent units less one, at least 1.
	Freedom int
}

// Chain is a series of releases that comparisons join to each other: the machine that each was
// measured on cancels in its ratio, so that a creep is seen that is too slow for any one of them.
type Chain struct {
	// Releases in the order in which they were first measured.
	Releases []string
	// Left are the ratios that no other joins to the newest release.
	Left []Ratio

	ratios  []Ratio
	levels  []float64   // ln to the first release, by weighted least squares
	weights [][]float64 // levels, from the second, are weights times the logarithms of ratios
}

// NewChain joins ratios, oldest first. A version that was compared with itself says nothing and is
// left out. Releases need not follow each other: three that were each compared with one baseline
// are joined by it.
func NewChain(ratios []Ratio) Chain {
	var c Chain
	ratios = slices.DeleteFunc(slices.Clone(ratios), func(r Ratio) bool { return r.From == r.To })
	joined := joinedToNewest(ratios)
	for _, r := range ratios {
		if !joined[r.To] {
			c.Left = append(c.Left, r)
			continue
		}
		c.ratios = append(c.ratios, r)
		for _, name := range []string{r.From, r.To} {
			if !slices.Contains(c.Releases, name) {
				c.Releases = append(c.Releases, name)
			}
		}
	}
	if len(c.ratios) > 0 {
		c.solve()
	}
	return c
}

// joinedToNewest are the releases that ratios lead to from the newest one.
func joinedToNewest(ratios []Ratio) map[string]bool {
	joined := map[string]bool{}
	if len(ratios) > 0 {
		joined[ratios[len(ratios)-1].To] = true
	}
	for grown := true; grown; {
		grown = false
		for _, r := range ratios {
			if joined[r.From] != joined[r.To] {
				joined[r.From], joined[r.To], grown = true, true, true
			}
		}
	}
	return joined
}

// solve finds the levels that agree best with all ratios, each weighted by its precision.
func (c *Chain) solve() {
	n, m := len(c.Releases)-1, len(c.ratios) // The first release has level 0.
	design, weighted := mat.NewDense(m, n, nil), mat.NewDense(n, m, nil)
	for k, r := range c.ratios {
		for _, end := range []struct {
			name string
			sign float64
		}{{r.From, -1}, {r.To, 1}} {
			if i := slices.Index(c.Releases, end.name) - 1; i >= 0 {
				design.Set(k, i, end.sign)
				weighted.Set(i, k, end.sign/(r.Error*r.Error))
			}
		}
	}
	var normal, weights mat.Dense
	normal.Mul(weighted, design)
	if err := weights.Solve(&normal, weighted); err != nil {
		weights.CloneFrom(mat.NewDense(n, m, nil)) // It cannot be: all are joined.
	}
	for i := range n {
		c.weights = append(c.weights, weights.RawRowView(i))
	}
	logs := make([]float64, m)
	for k, r := range c.ratios {
		logs[k] = r.Log
	}
	c.levels = c.levelsOf(logs)
}

// levelsOf are the levels of all releases, given the logarithms of the ratios.
func (c *Chain) levelsOf(logs []float64) []float64 {
	levels := make([]float64, len(c.Releases))
	for i, weights := range c.weights {
		for k, x := range logs {
			levels[i+1] += weights[k] * x
		}
	}
	return levels
}

// errorBetween is the standard error of the logarithm of the ratio of two releases.
func (c *Chain) errorBetween(from, to int) float64 {
	at := func(i, k int) float64 {
		if i == 0 {
			return 0
		}
		return c.weights[i-1][k]
	}
	sum := 0.0
	for k, r := range c.ratios {
		sum += math.Pow((at(to, k)-at(from, k))*r.Error, 2)
	}
	return math.Sqrt(sum)
}

// Move is a stretch of releases over which a figure changed beyond chance.
type Move struct {
	From, To int // indexes into Chain.Releases
	// Ratio is To/From, Low and High its 90 % interval.
	Ratio, Low, High float64
	// P is the chance that any stretch of a chain without a change looks as changed as this.
	P float64
}

// EachRelease is the change from release to release that makes the whole.
func (m Move) EachRelease() float64 { return math.Pow(m.Ratio, 1/float64(m.To-m.From)) }

// Between is the ratio of two releases with its 90 % interval, whether or not it is beyond chance.
func (c *Chain) Between(from, to int) Move {
	log, half := c.levels[to]-c.levels[from], c.errorBetween(from, to)*stats.StudentQuantile(.95, c.freedom())
	return Move{From: from, To: to, Ratio: math.Exp(log), Low: math.Exp(log - half), High: math.Exp(log + half), P: 1}
}

func (c *Chain) freedom() int {
	least := math.MaxInt
	for _, r := range c.ratios {
		least = min(least, max(r.Freedom, 1))
	}
	return least
}

// chainsDrawn is how many chains without a change are drawn for the law of the largest move.
const chainsDrawn = 1999

// Moves finds the stretches over which the figure changed: a jump at one release as well as a creep
// over many. Of all stretches the one is taken that lies most standard errors from no change, when
// at most 5 % of chains without any have one that lies as far; what is before and after it is
// searched again. The law comes from chains that are drawn, each ratio by Student's t with its own
// error. The same chain has the same moves, in order.
func (c *Chain) Moves() []Move {
	n := len(c.Releases)
	if n < 2 {
		return nil
	}
	errors := make([][]float64, n)
	for i := range errors {
		errors[i] = make([]float64, n)
		for j := i + 1; j < n; j++ {
			errors[i][j] = c.errorBetween(i, j)
		}
	}
	law := c.largestByChance(errors)
	var moves []Move
	var search func(from, to int)
	search = func(from, to int) {
		i, j, size := largest(c.levels, errors, from, to)
		as, _ := slices.BinarySearch(law, size*(1-1e-9))
		p := float64(len(law)-as+1) / float64(len(law)+1)
		if j == 0 || p > trendLevel {
			return
		}
		search(from, i)
		move := c.Between(i, j)
		move.P = p
		moves = append(moves, move)
		search(j, to)
	}
	search(0, n-1)
	return moves
}

// largestByChance is the law of the largest move of a chain without any, ascending.
func (c *Chain) largestByChance(errors [][]float64) []float64 {
	rng := rand.New(rand.NewPCG(uint64(len(c.ratios)), 0xc4a1))
	law := make([]float64, chainsDrawn)
	logs := make([]float64, len(c.ratios))
	for i := range law {
		for k, r := range c.ratios {
			squares := 0.0
			for range max(r.Freedom, 1) {
				squares += math.Pow(rng.NormFloat64(), 2)
			}
			logs[k] = r.Error * rng.NormFloat64() / math.Sqrt(squares/float64(max(r.Freedom, 1)))
		}
		_, _, law[i] = largest(c.levelsOf(logs), errors, 0, len(c.Releases)-1)
	}
	slices.Sort(law)
	return law
}

// largest is the stretch between two releases that lies most standard errors from no change.
func largest(levels []float64, errors [][]float64, from, to int) (i, j int, size float64) {
	for a := from; a < to; a++ {
		for b := a + 1; b <= to; b++ {
			if z := math.Abs(levels[b]-levels[a]) / errors[a][b]; z > size {
				i, j, size = a, b, z
			}
		}
	}
	return i, j, size
}
