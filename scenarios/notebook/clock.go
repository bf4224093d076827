package notebook

import (
	"fmt"
	"net/http"
	"time"
)

// tell takes the Date of an answer to a request that was sent and answered at these times.
// A Date has whole seconds: the server's clock showed it or up to a second more.
func (c *clock) tell(date string, sent, answered time.Time) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	least, most := at.Sub(answered), at.Add(time.Second).Sub(sent)
	if c.known && least <= c.most && most >= c.least {
		least, most = max(least, c.least), min(most, c.most)
	}
	*c = clock{true, least, most} // also when the clock was set meanwhile
}

// skew is how far the server's clock is ahead of ours; 0 as long as it may be right.
func (c clock) skew() time.Duration {
	if !c.known || c.least <= 0 && c.most >= 0 {
		return 0
	}
	return (c.least + c.most) / 2
}

// skewNoted is from when on a difference of clocks is worth a note.
const skewNoted = 2 * time.Second

// Date takes the Date of an answer.
func (b *Book) Date(header http.Header, sent, answered time.Time) {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.clock.tell(header.Get("Date"), sent, answered)
	skew := b.clock.skew()
	b.mu.Unlock()
	if skew.Abs() <= skewNoted {
		return
	}
	side := "ahead of"
	if skew < 0 {
		side = "behind"
	}
	b.Once("", "the server's clock differs from this machine's",
		fmt.Sprintf("by its Date headers the server's clock is %v %s this machine's: times were judged by the server's",
			skew.Abs().Round(time.Second), side))
}

// Skewed notes that tokens are right by their own iat alone.
func (b *Book) Skewed(skew time.Duration) {
	about := "tokens are dated after they were asked for"
	text := fmt.Sprintf("tokens are dated %v after they were asked for: a clock of the server is ahead; their times "+
		"were judged by their own iat", skew.Round(time.Second))
	if skew < 0 {
		about = "tokens are dated before they were asked for"
		text = fmt.Sprintf("tokens are dated %v before they were asked for: a clock of the server is behind, or it "+
			"issues older ones again; "+
			"their times were judged by their own iat", -skew.Round(time.Second))
	}
	b.Once("", about, text)
}

// Skew is how far the server's clock is ahead of ours; 0 as long as it may be right.
func (b *Book) Skew() time.Duration {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock.skew()
}
