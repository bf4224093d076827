package oauth

import (
	"testing"
	"time"
)

// Dates are judged by the clock that made them: what a resource server would refuse is
// wrong, and clocks that differ are skew.
func TestDatesAreJudged(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	const hour = 3600
	for _, c := range []struct {
		name                 string
		iat, nbf, exp        int64 // after now, in seconds; 1 << 40 leaves exp out
		promised, skew, want int64
		wrong                string
	}{
		{name: "as promised", exp: hour, promised: hour},
		{name: "a second short", exp: hour - 1, promised: hour},
		{name: "promised with a reserve", exp: hour + 300, iat: -300, nbf: -300, promised: hour},
		{name: "nothing promised", exp: 5},
		{name: "nothing said", exp: 1 << 40, promised: hour},
		{name: "at once", iat: 0, exp: 5, promised: hour, wrong: "exp before the end of its expires_in"},
		{name: "a year late", exp: 365 * 24 * hour, promised: hour, wrong: "exp long after the end of its expires_in"},
		{name: "an hour where five minutes were promised", exp: hour, promised: 300},
		{name: "milliseconds", exp: 1_800_003_600_000 - 1_800_000_000, promised: hour,
			wrong: "exp that is no number of seconds"},
		{name: "iat in milliseconds", iat: 1_800_000_000_000 - 1_800_000_000, exp: hour, promised: hour,
			wrong: "iat that is no number of seconds"},
		{name: "nbf in milliseconds", nbf: 1_800_000_000_000 - 1_800_000_000, exp: hour, promised: hour,
			wrong: "nbf that is no number of seconds"},
		{name: "past", exp: -5, wrong: "exp in the past"},
		{name: "not yet", exp: hour, nbf: 120, promised: hour, wrong: "nbf in the future"},
		{name: "as of now", exp: hour, nbf: 1, promised: hour},
		// The clock of the Date headers and of the tokens is five minutes behind.
		{name: "slow clock", iat: -300, nbf: -300, exp: -240, promised: 60, skew: -300, want: -300},
		// That of the tokens alone, which their own iat tells.
		{name: "slow clock behind a proxy", iat: -300, exp: -240, promised: 60, want: -300},
		{name: "fast clock behind a proxy", iat: 300, nbf: 300, exp: 360, promised: 60, want: 300},
		{name: "slow clock, and not as promised", iat: -300, exp: -290, promised: 60, wrong: "exp in the past"},
		{name: "for ever", exp: 1000 * hour, promised: 3_153_600_000},
	} {
		at := func(s int64) int64 { return now.Unix() + s }
		d := Dates{at(c.iat), at(c.nbf), at(c.exp)}
		if c.nbf == 0 {
			d.NotBefore = 0
		}
		if c.exp == 1<<40 {
			d = Dates{}
		}
		m := Moment{Now: now, Asked: now, Promised: time.Duration(c.promised) * time.Second,
			Skew: time.Duration(c.skew) * time.Second}
		wrong, skew := d.Judge(m)
		if wrong != c.wrong || skew != time.Duration(c.want)*time.Second {
			t.Errorf("%s: %q, skew %v; want %q, %d s", c.name, wrong, skew, c.wrong, c.want)
		}
	}
}

// A server that takes long to answer dates a token late, and its clock is right all the same.
func TestDatesOfASlowAnswer(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct{ issued, waited, skew int64 }{
		{issued: 9, waited: 9},            // at the end of the wait
		{issued: 5, waited: 9},            // in the midst of it
		{issued: 9, waited: 1, skew: 9},   // after the answer: a clock that is ahead
		{issued: -9, waited: 9, skew: -9}, // before the question: one that is behind
	} {
		d := Dates{Issued: now.Unix() + c.issued, NotBefore: now.Unix() + c.issued, Expires: now.Unix() + c.issued + 60}
		wait := time.Duration(c.waited) * time.Second
		m := Moment{Now: now.Add(wait), Asked: now, Answered: now.Add(wait), Promised: time.Minute}
		wrong, skew := d.Judge(m)
		if wrong != "" || skew != time.Duration(c.skew)*time.Second {
			t.Errorf("issued after %d s of %d: %q, skew %v; want %d s", c.issued, c.waited, wrong, skew, c.skew)
		}
	}
}

// A token that lives longer than it was promised is no fault, and worth a note.
func TestGenerousDates(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for life, want := range map[int64]bool{3600: false, 7200: false, 7203: true, 0: false} {
		d := Dates{Expires: now.Unix() + life}
		if got := d.Generous(Moment{Now: now, Asked: now, Promised: time.Hour}); got != want {
			t.Errorf("%d s: %v; want %v", life, got, want)
		}
	}
}
