package oauth

import "time"

// Leeway is by how much the times of two clocks may differ that are meant to be one:
// servers count in whole seconds, and clocks of a server and its database may differ a
// little.
const Leeway = 2 * time.Second

// Dates are what an answer or a JWT says of a token's life, in seconds since the epoch;
// 0 where it says nothing.
type Dates struct{ Issued, NotBefore, Expires int64 }

// Moment is when something was said of a token.
type Moment struct {
	Now      time.Time     // Our clock says so.
	Skew     time.Duration // by which the server's clock is ahead of ours, by its Date headers
	Asked    time.Time     // when the token was asked for, by our clock; zero: not known
	Answered time.Time     // when it came: it was issued between the two; zero: at once
	Promised time.Duration // expires_in of the answer that issued it; 0: not told
}

// milliseconds is a number of seconds that only a reader of milliseconds takes for a time
// near ours: as seconds it is in the year 5138.
const milliseconds = 1e11

// forever is a promise that means no end, and no second in particular.
const forever = 50 * 365 * 24 * time.Hour

// Judge says what is wrong with the dates, as a resource server with the server's clock
// would see them; "" when nothing is. When they are right by the token's own iat alone,
// the server's clocks differ, and skew is by how much the one that dates tokens is ahead
// of ours.
func (d Dates) Judge(m Moment) (what string, skew time.Duration) {
	skew = m.Skew
	for _, date := range []struct {
		name string
		at   int64
	}{{"exp", d.Expires}, {"nbf", d.NotBefore}, {"iat", d.Issued}} {
		if date.at > milliseconds {
			return date.name + " that is no number of seconds", skew
		}
	}
	unkept := ""
	if d.Expires != 0 && m.Promised > 0 && m.Promised < forever && !m.Asked.IsZero() {
		issuing := At(d.Issued).Sub(m.Asked)
		switch late := m.late(d.Expires); {
		case kept(late, m.Promised):
		case d.Issued != 0 && kept(At(d.Expires).Sub(At(d.Issued))-m.Promised, m.Promised):
			skew = issuing
		case late > 0 && tolerable(late, m.Promised):
		case late < 0:
			unkept = "exp before the end of its expires_in"
		default:
			unkept = "exp long after the end of its expires_in"
		}
	}
	now := m.Now.Add(skew)
	switch {
	case d.Expires != 0 && At(d.Expires).Add(Leeway).Before(now):
		return "exp in the past", skew
	case d.NotBefore != 0 && At(d.NotBefore).Add(-Leeway).After(now):
		return "nbf in the future", skew
	}
	return unkept, skew
}

// late is by how much an exp is later than was promised; negative when it is earlier. A
// promise runs from when the token was issued, which is between question and answer.
func (m Moment) late(expires int64) time.Duration {
	late := At(expires).Sub(m.Asked.Add(m.Promised + m.Skew))
	if waited := m.Answered.Sub(m.Asked); late > 0 && !m.Answered.IsZero() && waited > 0 {
		late = max(0, late-waited)
	}
	return late
}

// kept tells whether an exp is as late as expires_in promised. Servers promise a second or
// some less than a token lives, and round both.
func kept(late, promised time.Duration) bool {
	slack := min(10*time.Second, max(Leeway, promised/10))
	return late.Abs() <= slack
}

// tolerable tells whether an exp may be so much later than was promised: expires_in is a
// hint, so that only days more are a mistake, of a unit or a year.
func tolerable(late, promised time.Duration) bool { return late <= max(promised, 24*time.Hour) }

// Generous tells whether a token lives more than twice as long as was promised, which a
// reader should know.
func (d Dates) Generous(m Moment) bool {
	if d.Expires == 0 || m.Promised <= 0 || m.Asked.IsZero() {
		return false
	}
	return m.late(d.Expires) > max(m.Promised, time.Minute)
}
