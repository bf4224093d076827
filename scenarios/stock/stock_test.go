package stock

import (
	"fmt"
	"slices"
	"testing"
)

// load is what a load of n arrivals was granted, by its name.
func load(name string, n int) []Token {
	tokens := make([]Token, n)
	for i := range tokens {
		tokens[i].Value = fmt.Sprintf("%s%d", name, i)
	}
	return tokens
}

func values(tokens []Token) []string {
	var all []string
	for _, t := range tokens {
		all = append(all, t.Value)
	}
	return all
}

// A short load and a long one in turn, as a warm-up and its trial are, leave to each other as many tokens
// as each takes, each once and the newest first.
func TestShortAndLongLoadsInTurn(t *testing.T) {
	const short, long = 10, 70
	var s Stock
	seen := map[string]bool{}
	for round := range 20 {
		for _, n := range []int{short, long} {
			taken := s.Take(n)
			if first := round == 0; !first && len(taken) != n {
				t.Fatalf("round %d: a load of %d takes %d", round, n, len(taken))
			}
			for _, v := range values(taken) {
				if seen[v] {
					t.Fatalf("round %d: %s is taken twice", round, v)
				}
				seen[v] = true
			}
			s.Put(load(fmt.Sprintf("%d of %d: ", round, n), n))
		}
	}
	if got, want := values(s.Take(2)), []string{"19 of 70: 68", "19 of 70: 69"}; !slices.Equal(got, want) {
		t.Errorf("the newest two are %v; want %v", got, want)
	}
}

// What was put once goes first, and what the next load leaves of it is gone; what is kept is not.
func TestPutOnceIsForTheNextLoadAlone(t *testing.T) {
	var s Stock
	s.Put(load("kept", 3))
	s.PutOnce(load("once", 3))
	if got, want := values(s.Take(2)), []string{"once1", "once2"}; !slices.Equal(got, want) {
		t.Errorf("took %v; want %v", got, want)
	}
	if got, want := values(s.Take(5)), []string{"kept0", "kept1", "kept2"}; !slices.Equal(got, want) {
		t.Errorf("then took %v; want %v", got, want)
	}
	s.Put(load("kept", 3))
	s.PutOnce(load("once", 2))
	if got, want := values(s.Take(4)), []string{"kept1", "kept2", "once0", "once1"}; !slices.Equal(got, want) {
		t.Errorf("took %v; want %v, oldest first", got, want)
	}
	if s.Empty(); len(s.Take(9)) != 0 {
		t.Error("an emptied stock has tokens")
	}
}

// Loads that are granted more than they revoke do not grow the stock without bound.
func TestStockIsBounded(t *testing.T) {
	var s Stock
	for round := range 100 {
		s.Take(5)
		s.Put(load(fmt.Sprint(round), 20))
	}
	if n := len(s.Take(1000)); n != 40 {
		t.Errorf("%d tokens are kept of loads of 20; want twice as many as a load", n)
	}
}
