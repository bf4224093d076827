package upgrade

import (
	"hash/fnv"
	"sync"
)

// Place is one of the two sides of an upgrade.
type Place string

// Blue is the server that is replaced, green its successor.
const (
	Blue  Place = "blue"
	Green Place = "green"
)

// Switch says for each arrival which side it goes to. It is in the client, so that it
// costs no hop: the address is chosen when a request is due. Its zero value sends all to
// blue. It may be used by any number of goroutines.
//
// New tokens go by share, and a client sticks to its side. What asks about a token goes
// to the side that made it while both serve, because neither knows the other's new
// tokens; once all is green, everything goes there. Revocations go to both while both
// serve, so that neither going on nor going back loses one.
type Switch struct {
	mu    sync.RWMutex
	share float64 // of clients whose new tokens come from green
	both  bool    // both sides serve
	ready bool    // all is at green, and blue is ready to take it back
}

// Canary lets green serve beside blue, with this share, from 0 to 1, of the clients.
func (s *Switch) Canary(share float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.both = share, true
}

// Over sends everything to green.
func (s *Switch) Over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.both, s.ready = 1, false, false
}

// OverReady sends everything to green, and revocations to blue as well, so that going back loses
// none: until Over or Back.
func (s *Switch) OverReady() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.both, s.ready = 1, false, true
}

// Ready tells whether blue may take everything back.
func (s *Switch) Ready() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ready
}

// Back sends everything to blue.
func (s *Switch) Back() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.both, s.ready = 0, false, false
}

// Issue gives the side at which a client gets a new token. A client that is at green with
// one share is so with every larger one.
func (s *Switch) Issue(client string) Place {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if position(client) < s.share {
		return Green
	}
	return Blue
}

// Ask gives the side that answers for a token that was made at origin.
func (s *Switch) Ask(origin Place) Place {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.both:
		return origin
	case s.share == 1:
		return Green
	}
	return Blue
}

// Revoke gives the sides that a revocation goes to.
func (s *Switch) Revoke(origin Place) []Place {
	s.mu.RLock()
	both, ready := s.both, s.ready
	s.mu.RUnlock()
	switch {
	case both:
		return []Place{Blue, Green}
	case ready:
		return []Place{Green, Blue}
	}
	return []Place{s.Ask(origin)}
}

// position is where a client stands between 0 and 1, evenly and always at the same place.
func position(client string) float64 {
	h := fnv.New64a()
	h.Write([]byte(client))
	// FNV hardly mixes the last bytes into the high bits.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
