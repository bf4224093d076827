package http1

// DefaultMaxHeld bounds, in bytes, what all answers under way may hold together beyond
// freeBody each: with thousands of requests in flight, the bound of a single answer is none.
const DefaultMaxHeld = 32 << 20

// freeBody is how many bytes of its body an answer may hold that are not counted, so that
// usual answers touch no counter that others share.
const freeBody = 16 << 10

// hold counts n more bytes of a body that was not closed yet.
func (b *body) hold(n int) error {
	b.got += int64(n)
	more := min(int64(n), b.got-freeBody)
	if more <= 0 {
		return nil
	}
	most := b.transport.MaxHeld
	if most == 0 {
		most = DefaultMaxHeld
	}
	b.held += more
	if b.transport.held.Add(more) > most {
		return refuse("its body is large, and answers under way hold more than %d bytes already", most)
	}
	return nil
}

// letGo takes back what hold has counted.
func (b *body) letGo() {
	if b.held > 0 {
		b.transport.held.Add(-b.held)
		b.held = 0
	}
}
