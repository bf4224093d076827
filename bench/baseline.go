package bench

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// BaselineFormat and BaselineSchema open every baseline file. Readers refuse other
// formats and newer schemas.
const (
	BaselineFormat = "oauthbench-baseline"
	BaselineSchema = 1
)

// StoredBaseline is one version's side of a run, kept to be compared with later: the
// header, quantiles and counts of each trial, and all trials' histograms merged. It is
// small enough to be committed: no timelines, no histograms of single trials.
type StoredBaseline struct {
	Format string    `json:"format"`
	Schema int       `json:"schema"`
	Name   string    `json:"name"` // as it was saved
	Saved  time.Time `json:"saved"`
	Role   Role      `json:"role"` // that the version had in its run
	// Header of the run, without the other version.
	Header   Header        `json:"header"`
	Excluded int           `json:"excluded"` // trials of this role that did not count
	Trials   []StoredTrial `json:"trials"`   // the valid ones
	Merged   []Measurement `json:"merged"`   // of the valid trials, by operation
}

// StoredTrial is what is kept of one trial.
type StoredTrial struct {
	Epoch   int       `json:"epoch"`
	Pair    int       `json:"pair"`
	Started time.Time `json:"started"`
	// GeneratorCPU over Sent is what a request costs the generator: the same program
	// doing the same work, so that a change of it is a change of the machine.
	GeneratorCPU time.Duration     `json:"generator_cpu_ns"`
	Sent         int64             `json:"sent"`
	Operations   []StoredOperation `json:"operations"`
}

// StoredOperation is one operation in one trial: type-7 quantiles of response time,
// failed arrivals counted as the timeout at least.
type StoredOperation struct {
	Operation string        `json:"operation"`
	Offered   float64       `json:"offered"`  // arrivals per second
	Achieved  float64       `json:"achieved"` // arrivals per second that ended OK
	Outcomes  Outcomes      `json:"outcomes"`
	P50       time.Duration `json:"p50_ns"`
	P95       time.Duration `json:"p95_ns"`
	P99       time.Duration `json:"p99_ns"`
}

// Deployment is what was measured.
func (b *StoredBaseline) Deployment() Deployment { return b.Header.Deployments[b.Role] }

// Operation returns the merged measurement of an operation, nil if it has none.
func (b *StoredBaseline) Operation(name string) *Measurement {
	for i := range b.Merged {
		if b.Merged[i].Operation == name {
			return &b.Merged[i]
		}
	}
	return nil
}

// StoreBaseline keeps one role of a run. It refuses what could not serve as a reference:
// a run that was cut short, one of which more than a quarter was disturbed, and wrong
// answers.
func StoreBaseline(run *Run, role Role, name string, saved time.Time) (*StoredBaseline, error) {
	deployment, ok := run.Deployments[role]
	if !ok {
		return nil, fmt.Errorf("the run has no %s", role)
	}
	if !run.Complete() {
		return nil, fmt.Errorf("the run is not whole (%s): measure again", run.Incomplete())
	}
	b := &StoredBaseline{Format: BaselineFormat, Schema: BaselineSchema, Name: name, Saved: saved, Role: role,
		Header: run.Header}
	b.Header.Deployments = map[Role]Deployment{role: deployment}
	for _, t := range run.Trials {
		for _, m := range t.Measurements {
			if t.Role == role && m.Outcomes.Invalid > 0 {
				return nil, fmt.Errorf("%s answered %s wrongly %d times: a server that skips work is no reference",
					deployment.Name, m.Operation, m.Outcomes.Invalid)
			}
		}
		if t.Role == role && len(t.Flaws) > 0 {
			return nil, fmt.Errorf("%s was found wrong (%s): it is no reference", deployment.Name, t.Flaws[0].What)
		}
		if t.Role == role && !t.Warmup {
			b.Excluded++
		}
	}
	for _, t := range run.Valid(role) {
		b.Excluded--
		b.Trials = append(b.Trials, keep(t))
	}
	if len(b.Trials) < 3*b.Excluded || len(b.Trials) == 0 {
		return nil, fmt.Errorf("%d of the %d pairs were disturbed from outside, more than a quarter: free the "+
			"machine and measure again", b.Excluded, b.Excluded+len(b.Trials))
	}
	for _, operation := range run.Operations() {
		if m := run.Merged(role, operation); m.Response.Count() > 0 {
			b.Merged = append(b.Merged, m)
		}
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

func keep(t Trial) StoredTrial {
	kept := StoredTrial{Epoch: t.Epoch, Pair: t.Pair, Started: t.Started, GeneratorCPU: t.Generator.CPU, Sent: t.Sent}
	for _, m := range t.Measurements {
		if m.Response.Count() == 0 {
			continue
		}
		o := StoredOperation{Operation: m.Operation, Offered: m.Offered, Achieved: m.Achieved, Outcomes: m.Outcomes}
		times := o.times()
		for i, d := range m.Response.Quantiles(ComparedQuantiles...) {
			*times[i] = max(d, 1)
		}
		kept.Operations = append(kept.Operations, o)
	}
	return kept
}

// Write writes the baseline: JSON within gzip, the same bytes for the same baseline.
func (b *StoredBaseline) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(z).Encode(b), z.Close())
}

// What a baseline file may hold at most: a damaged or hostile one must not ask for any
// amount of memory.
const (
	maxBaseline           = 8 << 20 // bytes, unpacked
	maxBaselineOperations = 64
)

// ReadBaseline reads what Write wrote. It refuses figures that contradict each other,
// and never panics whatever the input.
func ReadBaseline(r io.Reader) (*StoredBaseline, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("not a baseline: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxBaseline+1))
	if err != nil {
		return nil, fmt.Errorf("damaged baseline: %w", err)
	}
	if len(data) > maxBaseline {
		return nil, fmt.Errorf("a baseline of more than %d bytes is not one of ours", maxBaseline)
	}
	// The histograms wait until it is known how many there are.
	var b struct {
		StoredBaseline
		Merged []json.RawMessage `json:"merged"`
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("not a baseline: %w", err)
	}
	switch {
	case b.Format != BaselineFormat:
		return nil, fmt.Errorf("not a baseline: format %q; want %q", b.Format, BaselineFormat)
	case b.Schema < 1 || b.Schema > BaselineSchema:
		return nil, fmt.Errorf("baseline of schema %d; this version reads up to %d", b.Schema, BaselineSchema)
	case len(b.Merged) > maxBaselineOperations:
		return nil, fmt.Errorf("%d operations; at most %d can be", len(b.Merged), maxBaselineOperations)
	}
	for _, raw := range b.Merged {
		var m Measurement
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("damaged baseline: %w", err)
		}
		b.StoredBaseline.Merged = append(b.StoredBaseline.Merged, m)
	}
	if err := b.check(); err != nil {
		return nil, fmt.Errorf("damaged baseline: %w", err)
	}
	return &b.StoredBaseline, nil
}

// check finds figures that contradict each other.
func (b *StoredBaseline) check() error {
	if b.Role != Baseline && b.Role != Candidate {
		return fmt.Errorf("role %q", b.Role)
	}
	if _, ok := b.Header.Deployments[b.Role]; !ok {
		return errors.New("it does not say what was measured")
	}
	if len(b.Trials) == 0 || len(b.Merged) == 0 {
		return errors.New("it holds no trials")
	}
	totals := map[string]Outcomes{}
	for i, t := range b.Trials {
		var seen []string
		for _, o := range t.Operations {
			if slices.Contains(seen, o.Operation) {
				return fmt.Errorf("trial %d has operation %q twice", i, o.Operation)
			}
			seen = append(seen, o.Operation)
			if o.P50 <= 0 || o.P95 < o.P50 || o.P99 < o.P95 {
				return fmt.Errorf("trial %d, %s: P50 %v, P95 %v, P99 %v cannot be", i, o.Operation, o.P50, o.P95, o.P99)
			}
			sum := totals[o.Operation]
			sum.Merge(o.Outcomes)
			totals[o.Operation] = sum
		}
	}
	for _, m := range b.Merged {
		if m.Response == nil || m.Service == nil || m.SendLag == nil {
			return fmt.Errorf("%s without its histograms", m.Operation)
		}
		if m.Outcomes != totals[m.Operation] || m.Outcomes.Total() != m.Response.Count() {
			return fmt.Errorf("%s: the trials do not add up to the whole", m.Operation)
		}
		delete(totals, m.Operation)
	}
	for name := range totals {
		return fmt.Errorf("%s: in the trials and not in the whole", name)
	}
	return nil
}
