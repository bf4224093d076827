package bench

import "time"

// ComparedQuantiles are the quantiles that are compared trial by trial, which every table
// shows and stored baselines hold; MergedQuantiles are those of the merged histograms, which
// SLOs may name and files hold. 1 is the maximum. Nothing else in the program decides which
// quantiles there are. Treat both as read-only.
var (
	ComparedQuantiles = []float64{0.5, 0.95, 0.99}
	MergedQuantiles   = []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1}
)

// times are the stored response times of an operation, one for each of ComparedQuantiles.
func (o *StoredOperation) times() []*time.Duration {
	return []*time.Duration{&o.P50, &o.P95, &o.P99}
}

// Times are the stored response times, one for each of ComparedQuantiles.
func (o StoredOperation) Times() []time.Duration {
	var all []time.Duration
	for _, t := range o.times() {
		all = append(all, *t)
	}
	return all
}
