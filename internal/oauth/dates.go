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
	Now      time.Time     // by our clock
	Skew     time.Duration // by which the server's clock is ahead of ours, by its Date headers
	Asked    time.Time     // when the token was asked for, by our clock; zero: not known
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
	if d.Expires > milliseconds {
		return "exp that is no number of seconds", skew
	}
	kept := ""
	if d.Expires != 0 && m.Promised > 0 && m.Promised < forever && !m.Asked.IsZero() {
		issuing := At(d.Issued).Sub(m.Asked)
		switch off := At(d.Expires).Sub(m.Asked.Add(m.Promised)); {
		case tolerable(off-skew, m.Promised):
		case d.Issued != 0 && tolerable(off-issuing, m.Promised):
			skew = issuing
		case off < skew:
			kept = "exp before the end of its expires_in"
		default:
			kept = "exp long after the end of its expires_in"
		}
	}
	now := m.Now.Add(skew)
	switch {
	case d.Expires != 0 && At(d.Expires).Add(Leeway).Before(now):
		return "exp in the past", skew
	case d.NotBefore != 0 && At(d.NotBefore).Add(-Leeway).After(now):
		return "nbf in the future", skew
	}
	return kept, skew
}

// tolerable tells whether an exp may differ so much from the end of what expires_in
// promised. Servers promise a second or some less than a token lives, and round both. One
// that lives more than twice as long as promised is another thing.
func tolerable(late, promised time.Duration) bool {
	early := min(10*time.Second, max(Leeway, promised/10))
	return late >= -early && late <= max(promised, time.Minute)
}
