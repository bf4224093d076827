// Package metrics offers the figures of a run while it goes, to Prometheus and to whoever takes
// OTLP. It decides nothing, and what it shows is in no report: every answer is counted as it
// comes, of warm-ups and of trials that are excluded later, too.
//
// A run that nobody asked for figures of costs nothing. One that is asked for them costs one
// observation of a histogram for each answer, on the goroutine that collects results, never on
// one that sends: docs/performance.md says how much that is.
package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
)

// bucketFactor is by how much one bucket of a native histogram is wider than the one before:
// a quantile is known to a twentieth.
const bucketFactor = 1.1

// classicBuckets are for those who do not take native histograms: 500 µs to 16 s, each twice
// the one before.
var classicBuckets = prometheus.ExponentialBuckets(0.0005, 2, 16)

// Recorder keeps the figures. Safe for concurrent use.
type Recorder struct {
	registry *prometheus.Registry
	response *prometheus.HistogramVec
	requests *prometheus.CounterVec
	trials   *prometheus.CounterVec
	planned  prometheus.Gauge
	done     prometheus.Gauge

	mu       sync.Mutex
	progress *experiment.Progress // nil while no trials run
	observed map[series]prometheus.Observer
	counted  int // trials of the run that are counted
}

// series is what a response time is of.
type series struct {
	role       bench.Role
	deployment string
	operation  string
	warmup     bool
}

// NewRecorder returns a recorder of one run after another, by this version of the program.
func NewRecorder(tool string) *Recorder {
	r := &Recorder{registry: prometheus.NewRegistry(), observed: map[series]prometheus.Observer{}}
	r.response = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "oauthbench_response_time_seconds", Buckets: classicBuckets,
		Help: "Response time from when a request was due, of every answer as it comes; " +
			"failed ones count as the timeout at least.",
		NativeHistogramBucketFactor: bucketFactor, NativeHistogramMaxBucketNumber: 160,
	}, []string{"role", "deployment", "operation", "phase"})
	r.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oauthbench_requests_total",
		Help: "Requests of trials that have ended, by outcome.",
	}, []string{"role", "deployment", "operation", "outcome"})
	r.trials = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oauthbench_trials_total", Help: "Trials that have ended, warm-ups not counted.",
	}, []string{"role", "deployment", "excluded"})
	r.planned = prometheus.NewGauge(prometheus.GaugeOpts{Name: "oauthbench_trials_planned",
		Help: "Trials that the run will have."})
	r.done = prometheus.NewGauge(prometheus.GaugeOpts{Name: "oauthbench_run_ended",
		Help: "1 when the run has ended."})
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "oauthbench_info", Help: "The program that measures.",
		ConstLabels: prometheus.Labels{"version": tool}})
	info.Set(1)
	r.registry.MustRegister(r.response, r.requests, r.trials, r.planned, r.done, info, now{r})
	return r
}

// Follow looks at trials until stop is called.
func (r *Recorder) Follow(p *experiment.Progress, planned int) (stop func()) {
	if r == nil {
		return func() {}
	}
	r.planned.Set(float64(planned))
	r.mu.Lock()
	r.progress = p
	r.mu.Unlock()
	p.Listen(r.observe)
	return func() {
		p.Listen(nil)
		r.mu.Lock()
		r.progress = nil
		r.mu.Unlock()
	}
}

// observe takes one answer.
func (r *Recorder) observe(a experiment.Arrival) {
	s := series{a.Slot.Role, a.Deployment, a.Operation, a.Slot.Warmup || a.LeadIn}
	r.mu.Lock()
	o := r.observed[s]
	if o == nil {
		phase := "trial"
		if s.warmup {
			phase = "warm-up"
		}
		o = r.response.WithLabelValues(string(s.role), s.deployment, s.operation, phase)
		r.observed[s] = o
	}
	r.mu.Unlock()
	o.Observe(a.Response.Seconds())
}

// Publish counts the trials of a run that have ended since it was last called.
func (r *Recorder) Publish(run *bench.Run) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counted > len(run.Trials) {
		r.counted = 0 // Another run has begun.
	}
	for _, t := range run.Trials[r.counted:] {
		r.count(t)
	}
	r.counted = len(run.Trials)
	r.done.Set(0)
	if run.End != nil {
		r.done.Set(1)
		r.counted = 0
	}
}

func (r *Recorder) count(t bench.Trial) {
	role := string(t.Role)
	for _, m := range t.Measurements {
		for _, o := range []struct {
			name string
			n    int64
		}{
			{"ok", m.Outcomes.OK}, {"rejected", m.Outcomes.Rejected}, {"invalid", m.Outcomes.Invalid},
			{"timeout", m.Outcomes.Timeout}, {"unreachable", m.Outcomes.Unreachable}, {"unable", m.Outcomes.Unable},
		} {
			r.requests.WithLabelValues(role, t.Deployment, m.Operation, o.name).Add(float64(o.n))
		}
	}
	if t.Warmup {
		return
	}
	excluded := "no"
	if len(t.Excluded) > 0 {
		excluded = "yes"
	}
	r.trials.WithLabelValues(role, t.Deployment, excluded).Inc()
}

// now collects what is known at any moment of the trial under way.
type now struct{ r *Recorder }

var (
	stageDesc = prometheus.NewDesc("oauthbench_stage", "1 for what goes on.",
		[]string{"role", "deployment", "stage"}, nil)
	inFlightDesc = prometheus.NewDesc("oauthbench_requests_in_flight", "Requests that were sent and not answered.",
		[]string{"role", "deployment"}, nil)
	failedDesc = prometheus.NewDesc("oauthbench_trial_failed_requests",
		"Requests of the trial under way that ended in anything but a right answer.", []string{"role", "deployment"},
		nil)
	sinceDesc = prometheus.NewDesc("oauthbench_stage_seconds", "How long it has gone on.",
		[]string{"role", "deployment", "stage"}, nil)
)

// Describe makes now a prometheus.Collector.
func (now) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{stageDesc, inFlightDesc, failedDesc, sinceDesc} {
		all <- d
	}
}

// Collect makes now a prometheus.Collector.
func (n now) Collect(all chan<- prometheus.Metric) {
	n.r.mu.Lock()
	p := n.r.progress
	n.r.mu.Unlock()
	if p == nil {
		return
	}
	s := p.Now()
	if s.Counters == nil {
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value,
			append([]string{string(s.Slot.Role), s.Deployment}, labels...)...)
	}
	gauge(stageDesc, 1, s.Stage)
	gauge(sinceDesc, time.Since(s.Since).Seconds(), s.Stage)
	gauge(inFlightDesc, float64(s.Counters.InFlight()))
	gauge(failedDesc, float64(s.Counters.Failed()))
}
