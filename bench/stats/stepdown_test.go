package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestStepDownOfOneRowIsTheSignedRankTest(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 100 {
		x := normals(r, 1+r.IntN(8), .5)
		got, ok := StepDown([][]float64{x})
		if want := NewWalsh(x).PAbove(0); !ok || !near(got[0], want) {
			t.Fatalf("StepDown of %v = %v, %v; want %v", x, got, ok, want)
		}
	}
}

func TestStepDownIsAtMostHolm(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		n, k := 4+r.IntN(5), 2+r.IntN(4)
		rows, p := make([][]float64, k), make([]float64, k)
		for i := range rows {
			rows[i] = normals(r, n, r.Float64())
			p[i] = NewWalsh(rows[i]).PAbove(0)
		}
		got, _ := StepDown(rows)
		for i, holm := range Holm(p) {
			if got[i] > holm+1e-12 || got[i] < p[i]-1e-12 {
				t.Fatalf("rows %v: StepDown[%d] = %v; want between p = %v and Holm's %v", rows, i, got[i], p[i], holm)
			}
		}
	}
}

// Over all label swaps of fixed data the chance of any adjusted p <= alpha is
// at most alpha: the exact family-wise error.
func TestStepDownKeepsItsFamilywiseLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	const n, k = 6, 4
	for range 20 {
		rows := make([][]float64, k)
		shared := normals(r, n, 0)
		for i := range rows {
			rows[i] = normals(r, n, 0)
			for j := range rows[i] {
				rows[i][j] += shared[j]
			}
		}
		rejections := 0
		for flips := range 1 << n {
			swapped := make([][]float64, k)
			for i := range rows {
				swapped[i] = make([]float64, n)
				for j, x := range rows[i] {
					if flips>>j&1 == 1 {
						x = -x
					}
					swapped[i][j] = x
				}
			}
			adjusted, _ := StepDown(swapped)
			for _, p := range adjusted {
				if p <= .05 {
					rejections++
					break
				}
			}
		}
		if share := float64(rejections) / (1 << n); share > .05 {
			t.Fatalf("family-wise error %v; want at most 0.05", share)
		}
	}
}

// Six comparisons that all point the same way after six observations: beyond
// Holm's reach, not beyond chance's.
func TestStepDownConvictsWhereHolmCannot(t *testing.T) {
	var rows [][]float64
	p := make([]float64, 6)
	for k := range p {
		rows = append(rows, []float64{1, 2, 3, 4, 5, 6})
		p[k] = NewWalsh(rows[k]).PAbove(0)
	}
	got, ok := StepDown(rows)
	if !ok || got[0] != 1./64 || Holm(p)[0] <= .05 {
		t.Errorf("StepDown = %v, Holm = %v; want 1/64 and more than 0.05", got, Holm(p))
	}
	if _, ok := StepDown([][]float64{{1}, {1, 2}}); ok {
		t.Error("StepDown accepted rows of different length")
	}
}

// The counts of every way to give signs are those of the Walsh averages, with ties and zeros.
func TestCountsOfAllSignsAreThoseOfWalshAverages(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 50 {
		x := normals(r, r.IntN(7), 0)
		for i := range x {
			if r.IntN(2) == 0 {
				x[i] = float64(r.IntN(5) - 2) // ties and zeros
			}
		}
		counts, own := countsAbove(x)
		for flips := range 1 << len(x) {
			flipped := slices.Clone(x)
			for i := range x {
				if flips>>i&1 == 1 {
					flipped[i] = -x[i]
				}
			}
			want := 0
			for _, average := range walshAverages(flipped) {
				if average > 0 {
					want++
				}
			}
			if got := counts[own^flips]; got != want {
				t.Fatalf("%v with signs flipped to %v: %d averages above 0; want %d", x, flipped, got, want)
			}
		}
	}
}
