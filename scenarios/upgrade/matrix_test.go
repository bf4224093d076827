package upgrade

import "testing"

// Each version takes its own; green takes what blue has made, blue not what green has, and
// a revocation that does nothing is wrong.
func TestMatrix(t *testing.T) {
	for _, fault := range []string{"", "dead door"} {
		r := newRehearsal(t, fault)
		rows, err := Matrix(t.Context(), r.Blue, r.Upgrade, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		pairs := Pairs()
		for _, row := range rows {
			want := map[Pair]Answer{
				pairs[0]: Works, pairs[1]: Works, pairs[2]: Works, pairs[3]: Refused, pairs[4]: Missing,
			}
			switch row.Question {
			case "refuse a refresh token that was used":
				want[pairs[3]] = Works
			case "revoke an access token", "revoke a refresh token":
				if fault == "dead door" {
					want[pairs[1]] = Amiss
				}
			case "login under way":
				want[pairs[1]] = Refused
			}
			for _, pair := range pairs {
				if row.Answers[pair] != want[pair] {
					t.Errorf("%q: %s of %+v = %s; want %s", fault, row.Question, pair, row.Answers[pair], want[pair])
				}
			}
			if len(row.Cells) != len(pairs) {
				t.Errorf("%s has %d cells; want %d", row.Question, len(row.Cells), len(pairs))
			}
		}
	}
}
