package generator

import (
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// Recorder turns the results of one attack into measurements, one for each
// operation. Its memory depends on the number of operations and seconds, not on the
// number of requests. One Recorder serves one attack; not safe for concurrent use.
type Recorder struct {
	due     func(arrival int) time.Duration // its intended start
	leadIn  time.Duration
	timeout time.Duration
	// Expectation is the workload's when it is an Expecter, nil otherwise.
	Expectation func(arrival int) bench.Expectation

	// Watch, when not nil, is told of every arrival.
	Watch func(operation string, intended, response time.Duration)

	began, ended time.Time
	stoodStill   time.Duration
	operations   []*operationRecord
	gaps         gapFinder
	queue        queueWatch
	underWay     float64 // request-nanoseconds that recorded arrivals were due and not answered
}

type operationRecord struct {
	*bench.Measurement
	timeline *bench.Timeline
	planned  int64         // arrivals after the lead-in
	lastOK   time.Duration // when the last expected answer was complete
}

// NewRecorder returns a recorder for an attack with this schedule. Arrivals due
// before leadIn are sent but not recorded, except Invalid ones: a wrong answer
// counts whenever it comes. timeout is the least that a failed arrival counts as.
func NewRecorder(s bench.Schedule, leadIn, timeout time.Duration) *Recorder {
	r := recorder(func(arrival int) time.Duration { return s.At(arrival).Due }, s.Count, leadIn)
	r.timeout = timeout
	return r
}

// recorder is NewRecorder for so many arrivals, by when they are due.
func recorder(due func(arrival int) time.Duration, arrivals int, leadIn time.Duration) *Recorder {
	r := &Recorder{
		due: due, leadIn: leadIn, gaps: gapFinder{due: due},
		queue: queueWatch{due: due, arrivals: arrivals, leadIn: leadIn},
	}
	if arrivals > 0 {
		r.queue.last = due(arrivals - 1)
	}
	return r
}

func (r *Recorder) begin(at time.Time) { r.began = at }
func (r *Recorder) end(at time.Time)   { r.ended = at }

// add records a result that was read then, with the intended start of the arrival of that number.
func (r *Recorder) add(number int, operation string, result *vegeta.Result, answer bench.Answer, read time.Time) {
	intended := r.due(number)
	send := result.Timestamp.Sub(r.began)
	response := send + result.Latency - intended
	if answer.Outcome != bench.OK {
		response = max(response, r.timeout)
	}
	if r.Watch != nil {
		r.Watch(operation, intended, response)
	}
	r.gaps.end(number, operation, answer.Outcome)
	r.queue.end(send+result.Latency, result.Code != 0)
	op := r.operation(operation)
	op.timeline.Add(intended, response, answer.Outcome)
	if answer.Outcome == bench.OK {
		op.timeline.Answer(intended + response)
		op.lastOK = max(op.lastOK, intended+response)
	}
	if intended >= r.leadIn {
		op.planned++
	}
	if intended < r.leadIn && answer.Outcome != bench.Invalid {
		return
	}
	// By a clock of its own: no figure of the result is used, so that it can check them.
	r.underWay += float64(read.Sub(r.began) - intended)
	op.Outcomes.Add(answer.Outcome, 1)
	if r.Expectation != nil {
		op.Expect(r.Expectation(number), answer.Outcome, 1)
	}
	if answer.Outcome != bench.OK {
		op.AddCase(answer.Case, 1)
	}
	op.Response.Record(response)
	op.Service.Record(result.Latency)
	op.SendLag.Record(send - intended)
}

// drop records an arrival that was not sent. It has a response time, the timeout, and
// neither send lag nor service time.
func (r *Recorder) drop(arrival int, operation string) {
	intended := r.due(arrival)
	if r.Watch != nil {
		r.Watch(operation, intended, r.timeout)
	}
	r.gaps.end(arrival, operation, notSent.Outcome)
	r.queue.end(intended, false)
	op := r.operation(operation)
	op.timeline.Add(intended, r.timeout, notSent.Outcome)
	if intended < r.leadIn {
		return
	}
	op.planned++
	op.Unsent++
	op.Outcomes.Add(notSent.Outcome, 1)
	op.AddCase(notSent.Case, 1)
	if r.Expectation != nil {
		op.Expect(r.Expectation(arrival), notSent.Outcome, 1)
	}
	op.Response.Record(r.timeout)
}

func (r *Recorder) operation(name string) *operationRecord {
	for _, op := range r.operations {
		if op.Operation == name {
			return op
		}
	}
	op := &operationRecord{Measurement: bench.NewMeasurement(name), timeline: bench.NewTimeline(r.timeout)}
	r.operations = append(r.operations, op)
	return op
}

// Overrule changes the outcome of an arrival that was recorded as OK, after a check
// that could only be made when the load was over. Its times stay as they were.
func (r *Recorder) Overrule(arrival int, operation string, answer bench.Answer) {
	op := r.operation(operation)
	op.AddCase(answer.Case, 1)
	if r.due(arrival) < r.leadIn || op.Outcomes.OK == 0 {
		// Not among the recorded ones: it joins them, so that it is not lost.
		op.Response.Record(r.timeout)
		op.Service.Record(r.timeout)
		op.SendLag.Record(0)
	} else {
		op.Outcomes.Add(bench.OK, -1)
		if r.Expectation != nil {
			op.Expect(r.Expectation(arrival), bench.OK, -1)
		}
	}
	op.Outcomes.Add(answer.Outcome, 1)
	if r.Expectation != nil {
		op.Expect(r.Expectation(arrival), answer.Outcome, 1)
	}
}

// Began is when offset 0 of the schedule was due.
func (r *Recorder) Began() time.Time { return r.began }

// Elapsed is from the attack's start to the end of its last arrival.
func (r *Recorder) Elapsed() time.Duration { return r.ended.Sub(r.began) }

// StoodStill is how long the generator stood still during the attack (see bench.Strain).
func (r *Recorder) StoodStill() time.Duration { return r.stoodStill }

// InFlight is how many recorded arrivals were due and not yet answered, on average over
// the time after the lead-in; 0 when there was none.
func (r *Recorder) InFlight() float64 {
	return r.underWay / float64(max(r.Elapsed()-r.leadIn, 1))
}

// Queue is how the arrivals waited for each other.
func (r *Recorder) Queue() bench.Queue { return r.queue.queue }

// Gaps returns the outages; length is how long the schedule was followed. It may be asked
// once, when the attack is over.
func (r *Recorder) Gaps(length time.Duration) []bench.Gap { return r.gaps.gaps(length) }

// Measurements returns what was recorded, by name of operation; length is how long
// the schedule was followed. The recorder must not be used afterwards.
//
// Rates are over the time after the lead-in. An expected answer that comes after the
// schedule's end stretches the time that the achieved rate is divided by: a server
// that falls behind does not achieve the offered rate.
func (r *Recorder) Measurements(length time.Duration) []bench.Measurement {
	ms := make([]bench.Measurement, 0, len(r.operations))
	window := max(length-r.leadIn, 1).Seconds()
	for _, op := range r.operations {
		op.Timeline = op.timeline.Finish()
		op.Offered = float64(op.planned) / window
		op.Achieved = float64(op.Outcomes.OK) / max(window, (op.lastOK-r.leadIn).Seconds())
		ms = append(ms, *op.Measurement)
	}
	slices.SortFunc(ms, func(a, b bench.Measurement) int { return strings.Compare(a.Operation, b.Operation) })
	return ms
}
