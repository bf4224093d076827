package lapses

import (
	"sync"
	"time"
)

// Revocations are the faults of revoking, and when something was revoked, for what comes
// late or back.
type Revocations struct {
	planted
	late, revived time.Duration // 0 for never

	mu   sync.Mutex
	at   map[string]time.Time // by signature of the token, or by its grant
	back map[string]bool      // likewise: what was revoked once more, which brought it back
}

// Loses tells whether a revocation is not done.
func (r *Revocations) Loses() bool { return r.strikes("lost_revocation") }

// KillsAll tells whether one revocation ends all tokens of its client.
func (r *Revocations) KillsAll() bool { return r.has("killall", "") }

// AnyClient tells whether a client may revoke the tokens of another.
func (r *Revocations) AnyClient() bool { return r.has("wrong_client", "") }

// Revoked remembers when a token, or all of a grant, was revoked. The database has it
// as revoked from the first: what comes late is what others see of it, as behind a
// cache.
func (r *Revocations) Revoked(key string, now time.Time) {
	twice := r.has("revoked_twice", "")
	if r.late == 0 && r.revived == 0 && !twice {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil {
		r.at, r.back = map[string]time.Time{}, map[string]bool{}
	}
	if _, again := r.at[key]; !again {
		r.at[key] = now
	} else if twice {
		r.back[key] = true
	}
}

// StillRevoked tells whether resource servers see at now that the token of that
// signature and grant, which is revoked, is so.
func (r *Revocations) StillRevoked(signature, grant string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, known := r.at[signature]
	if !known {
		at, known = r.at[grant]
	}
	if !known {
		return true
	}
	early := r.late > 0 && now.Before(at.Add(r.late))
	again := r.revived > 0 && !now.Before(at.Add(r.revived))
	return !early && !again && !r.back[signature] && !r.back[grant]
}
