package lapses

import (
	"slices"
	"time"

	"oauthbench/internal/authserver/settings"
	"oauthbench/internal/faults"
)

// Lapses are those of one server. They may be used by any number of goroutines.
type Lapses struct {
	planted []faults.Fault
	chances map[string]*faults.Chance // of kinds with a share

	revocations revocations
	issued      issued
	altered     altered
	latest      latest
	kept        kept
}

// New gives nil when no fault of these kinds is planted.
func New(s settings.Settings) *Lapses {
	l := &Lapses{chances: map[string]*faults.Chance{}}
	for _, f := range s.Faults {
		if settings.Own(f.Kind) {
			l.planted = append(l.planted, f)
			l.chances[f.Kind] = faults.NewChance(f.Number, faults.Seed(s.FaultSeed, f.Kind))
		}
	}
	if len(l.planted) == 0 {
		return nil
	}
	l.revocations.late, l.revocations.revived = l.duration("late_revocation"), l.duration("revived")
	return l
}

// has tells whether a fault of the kind is planted, at the operation when it has one.
func (l *Lapses) has(kind, operation string) bool {
	return l != nil && slices.ContainsFunc(l.planted, func(f faults.Fault) bool {
		return f.Kind == kind && (f.Operation == "" || f.Operation == operation)
	})
}

func (l *Lapses) fault(kind string) faults.Fault {
	if l != nil {
		for _, f := range l.planted {
			if f.Kind == kind {
				return f
			}
		}
	}
	return faults.Fault{}
}

func (l *Lapses) duration(kind string) time.Duration { return l.fault(kind).Duration }

// strikes tells whether a fault with a share strikes the next of its events.
func (l *Lapses) strikes(kind string) bool { return l != nil && l.chances[kind].Strikes() }

// Active gives what introspection says of a token that is live or not.
func (l *Lapses) Active(live bool) bool {
	if live {
		return !l.strikes("inactive")
	}
	return l.strikes("always_active")
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
