package lapses

import (
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/internal/faults"
)

// planted are the faults of one server that are planted in what it knows and says.
type planted struct {
	faults  []faults.Fault
	chances map[string]*faults.Chance // of kinds with a share
}

// has tells whether a fault of the kind is planted, at the operation when it has one.
func (p planted) has(kind, operation string) bool {
	return slices.ContainsFunc(p.faults, func(f faults.Fault) bool {
		return f.Kind == kind && (f.Operation == "" || f.Operation == operation)
	})
}

func (p planted) fault(kind string) faults.Fault {
	for _, f := range p.faults {
		if f.Kind == kind {
			return f
		}
	}
	return faults.Fault{}
}

func (p planted) duration(kind string) time.Duration { return p.fault(kind).Duration }

// strikes tells whether a fault with a share strikes the next of its events.
func (p planted) strikes(kind string) bool { return p.chances[kind].Strikes() }
