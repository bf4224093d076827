package authserver

import (
	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/faults"
	"slices"
	"sync"
	"time"
)

// lapses are the planted faults in what a server says and does. A nil one has none.
type lapses struct {
	inactive, alwaysActive, wrongScope, lost *faults.Chance

	late, revived time.Duration // 0 for never
	mu            sync.Mutex
	revocations   map[string]time.Time // by signature of the token, or by its grant
}

// newLapses gives nil when no such fault is planted.
func newLapses(s settings.Settings) *lapses {
	l := &lapses{revocations: map[string]time.Time{}}
	planted := false
	for _, f := range s.Faults {
		c := faults.NewChance(f.Number, faults.Seed(s.FaultSeed, f.Kind))
		switch f.Kind {
		case "inactive":
			l.inactive = c
		case "always_active":
			l.alwaysActive = c
		case "wrong_scope":
			l.wrongScope = c
		case "lost_revocation":
			l.lost = c
		case "late_revocation":
			l.late = f.Duration
		case "revived":
			l.revived = f.Duration
		default:
			continue
		}
		planted = true
	}
	if !planted {
		return nil
	}
	return l
}

// active gives what introspection says of a token that is live or not.
func (l *lapses) active(live bool) bool {
	switch {
	case l == nil:
		return live
	case live:
		return !l.inactive.Strikes()
	default:
		return l.alwaysActive.Strikes()
	}
}

// scope gives the scope that an access token gets in place of the granted one.
func (l *lapses) scope(granted []string) []string {
	if l == nil || !l.wrongScope.Strikes() {
		return granted
	}
	return append(slices.Clone(granted), "unasked")
}

// loses tells whether a revocation is not done.
func (l *lapses) loses() bool { return l != nil && l.lost.Strikes() }

// revoked remembers when a token, or all of a grant, was revoked. The database has it
// as revoked from the first: what comes late is what others see of it, as behind a
// cache. A restart forgets.
func (l *lapses) revoked(key string, now time.Time) {
	if l == nil || l.late == 0 && l.revived == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, again := l.revocations[key]; !again {
		l.revocations[key] = now
	}
}

// seen is t as resource servers see it.
func (l *lapses) seen(t token, now time.Time) token {
	if l == nil || !t.revoked {
		return t
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at, known := l.revocations[t.signature]
	if !known {
		at, known = l.revocations[t.grant]
	}
	if !known {
		return t
	}
	early := l.late > 0 && now.Before(at.Add(l.late))
	again := l.revived > 0 && !now.Before(at.Add(l.revived))
	t.revoked = !early && !again
	return t
}
