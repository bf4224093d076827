package lapses

import (
	"slices"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/faults"
)

// Lapses are those of one server. They may be used by any number of goroutines.
type Lapses struct {
	planted
	Repeats     *Repeats
	Revocations *Revocations
	Upgrades    Upgrades

	issued  issued
	altered altered
}

// New has the faults of these kinds that are planted, which may be none.
func New(s settings.Settings) *Lapses {
	p := planted{chances: map[string]*faults.Chance{}}
	for _, f := range s.Faults {
		if settings.Own(f.Kind) {
			p.faults = append(p.faults, f)
			p.chances[f.Kind] = faults.NewChance(f.Number, faults.Seed(s.FaultSeed, f.Kind))
		}
	}
	return &Lapses{planted: p, Repeats: &Repeats{planted: p}, Upgrades: Upgrades{p}, Revocations: &Revocations{
		planted: p, late: p.duration("late_revocation"), revived: p.duration("revived"),
	}}
}

// None tells whether no such fault is planted.
func (l *Lapses) None() bool { return len(l.faults) == 0 }

// Active gives what introspection says of a token that is live or not.
func (l *Lapses) Active(live bool) bool {
	if live {
		return !l.strikes("inactive")
	}
	return l.strikes("always_active")
}

// Outlived tells whether introspection calls an access token that was issued at a time dead before its
// own end.
func (l *Lapses) Outlived(issued, now time.Time) bool {
	life := l.duration("short_life")
	return life > 0 && !now.Before(issued.Add(life))
}

// Scope gives the scope that an access token gets in place of the granted one, and that
// the answer declares.
func (l *Lapses) Scope(granted []string) []string {
	if l.strikes("wrong_scope") {
		granted = append(slices.Clone(granted), "unasked")
	}
	if len(granted) > 1 && l.strikes("narrow_scope") {
		granted = granted[:len(granted)-1]
	}
	return granted
}

// altered has the token that each JWT stands for, whose claims no longer say so.
type altered struct{ ids sync.Map }

// unread is how many characters at its end a token's comparison by prefix leaves out.
const unread = 8

// issued has the values of all tokens, for comparisons that are not exact.
type issued struct {
	mu      sync.Mutex
	folded  map[string]string // lower case to value
	begins  map[string]string // all but the last characters to value
	lengths map[int]bool      // of what begins has
}

const (
	tokenOperation      = settings.Token
	introspectOperation = settings.Introspect
)

// otherSubject is who a token is of, where another subject than its own is told.
const otherSubject = "somebody-else"
