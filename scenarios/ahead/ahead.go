// Package ahead makes requests that are good for one arrival alone, such as signed ones, some time before
// they are due: the first of a load before its clock starts, each later one in a moment in which
// nothing is due. So a load of any length holds a few of them only, and signs off the clock. It
// does not know when that is: whoever sends the load says so.
package ahead

import (
	"sync/atomic"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Most is how many requests are held at once: some 50 MB of signed ones.
const Most = 1 << 15

// Requests are the requests of a load, by arrival. Take is safe for concurrent use, and so is Peek;
// Make is for one goroutine at a time.
type Requests struct {
	build func(i int) (*oauth.Request, error)
	count int
	next  int                     // is made next
	ring  []atomic.Pointer[entry] // Arrival i is in place i modulo its length.
	taken atomic.Int64            // all before it, but for some, were taken
	late  atomic.Int64
	fault atomic.Pointer[error]
}

type entry struct {
	arrival int
	request *oauth.Request
}

// New holds the requests of count arrivals, at most held of them at once. Those of the first
// arrivals, Held of them, are to be made by Fill before the load.
func New(count, held int, build func(i int) (*oauth.Request, error)) *Requests {
	held = max(min(count, held, Most), 1)
	return &Requests{build: build, count: count, next: held, ring: make([]atomic.Pointer[entry], held)}
}

// Held is how many requests are held at once.
func (r *Requests) Held() int { return min(len(r.ring), r.count) }

// Fill makes the request of arrival i.
func (r *Requests) Fill(i int) error {
	made, err := r.build(i)
	if err == nil {
		r.ring[i%len(r.ring)].Store(&entry{i, made})
	}
	return err
}

// Make makes the next request that there is room for, and tells whether it did.
func (r *Requests) Make() bool {
	r.next = max(r.next, r.Taken())
	if r.next >= r.count || r.next >= r.Taken()+len(r.ring) {
		return false
	}
	if err := r.Fill(r.next); err != nil {
		r.fault.Store(&err)
	}
	r.next++
	return true
}

// Taken is the arrival after the last one whose request was taken.
func (r *Requests) Taken() int { return int(r.taken.Load()) }

// Take is the request of arrival i. One that was not made in time is made now, and Late counts it; one that
// cannot be made is the last that could, and Err tells why.
func (r *Requests) Take(i int) *oauth.Request {
	for {
		taken := r.taken.Load()
		if int64(i) < taken || r.taken.CompareAndSwap(taken, int64(i)+1) {
			break
		}
	}
	if made := r.Peek(i); made != nil {
		return made
	}
	r.late.Add(1)
	if err := r.Fill(i); err != nil {
		r.fault.Store(&err)
		return r.ring[i%len(r.ring)].Load().request
	}
	return r.Peek(i)
}

// Peek is the request of arrival i while it is held, nil afterwards.
func (r *Requests) Peek(i int) *oauth.Request {
	if e := r.ring[i%len(r.ring)].Load(); e != nil && e.arrival == i {
		return e.request
	}
	return nil
}

// Late is how many requests were made as they were due.
func (r *Requests) Late() int64 { return r.late.Load() }

// Err tells why a request could not be made, nil when all could.
func (r *Requests) Err() error {
	if err := r.fault.Load(); err != nil {
		return *err
	}
	return nil
}
