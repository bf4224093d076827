package stored

import (
	"github.com/oauthbench/oauthbench/bench/scaling"
	"github.com/oauthbench/oauthbench/bench/sizing"
)

// Scaling is the law of a grid of instances.
type Scaling struct {
	Dir   string `json:"dir"`
	First string `json:"-"` // First is the folder of the search on one instance, within Dir.
	// Missing says why the grid has no law, "" when it has one.
	Missing string       `json:"missing,omitempty"`
	Law     *scaling.Law `json:"law,omitempty"`
	// Shared says why instances shared cores, "" when each had its own: then the law is contention,
	// and no number of instances is planned with it.
	Shared string `json:"shared_cores,omitempty"`
}

// Usable tells whether instances can be planned with the law.
func (s *Scaling) Usable() bool { return s != nil && s.Law != nil && s.Shared == "" }

// Together is what so many instances carry at the least: by the law where it is usable, else what one
// carries times their number. It is false where nothing is said of so many.
func (e Evidence) Together(instances int) (perSecond float64, known bool) {
	if !e.Scaling.Usable() {
		return float64(instances) * e.Capacity.Low, true
	}
	lower, known := e.Scaling.Law.Lower(instances)
	return lower * e.nineTenths, known
}

// Planned is the law as bench/sizing plans with it, nil when it is not usable.
func (e Evidence) Planned() *sizing.Scaling {
	if !e.Scaling.Usable() {
		return nil
	}
	p := &sizing.Scaling{Lower: e.Together, Most: 2 * e.Scaling.Law.Largest}
	if n, identified := e.Scaling.Law.Peak(); identified {
		p.Peak, p.AtPeak = n, e.Scaling.Law.At(n)*e.nineTenths
	}
	return p
}
