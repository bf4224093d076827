package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
	"github.com/oauthbench/oauthbench/scenarios/notebook"
)

// Set is some scenarios, opened on one deployment.
type Set struct {
	names          []string
	holds          []bool // It says which of them make a request for each arrival beforehand.
	sources        []Source
	book           *notebook.Book
	guest          bool
	target         Target
	authentication *authentication // nil when it is not asked for
}

// Open opens each scenario on a deployment, after it made sure that the server can do
// what they need.
func Open(ctx context.Context, chosen []Scenario, t Target) (*Set, error) {
	if t.Parameters.Scope != "" {
		t.Scope = t.Parameters.Scope
	}
	t.limit = t.limiter()
	if capable, ok := t.Server.(Capable); ok {
		if err := Fit(chosen, capable.Capabilities(), t.Parameters); err != nil {
			return nil, err
		}
	}
	set := &Set{book: notebook.New(), guest: t.guest()}
	t.book, t.handover = set.book, &handover{}
	if t.guest() {
		t.away = &patience{}
	}
	t, err := greet(ctx, t, chosen)
	if err != nil {
		return nil, err
	}
	set.target = t
	set.authentication = newAuthentication(t, chosen)
	for _, s := range chosen {
		source, err := s.Open(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
		set.names = append(set.names, s.Name)
		set.holds = append(set.holds, s.Holds(t.Parameters))
		set.sources = append(set.sources, source)
	}
	if t.away != nil {
		t.away.begin()
	}
	return set, nil
}

// Fit fails when a server with these capabilities cannot be asked for a scenario.
func Fit(chosen []Scenario, can oauth.Capabilities, p Parameters) error {
	for _, s := range chosen {
		if why := s.Unfit(can, p); why != "" {
			return fmt.Errorf("scenario %s does not fit this server: %s (see oauthbench scenarios --target)", s.Name,
				why)
		}
	}
	return nil
}

// Notes tells what the deployment could not be asked.
func (s *Set) Notes() []string {
	var notes []string
	for i, source := range s.sources {
		for _, n := range source.Notes() {
			notes = append(notes, s.names[i]+": "+n)
		}
	}
	return notes
}

// Prepare makes the requests of one trial. Arrivals belong to the load's streams as the schedule
// says. A closed loop follows no schedule.
func (s *Set) Prepare(ctx context.Context, load bench.Load, schedule bench.Schedule,
	seed uint64) (generator.Workload, error) {
	s.target.suit(load)
	s.target.handover.killsOthers = nil
	began := time.Now()
	m := &mixed{
		book: s.book, schedule: schedule, authentication: s.authentication, pilot: load.Process == bench.ClosedLoop,
	}
	asks, err := s.asks(load, schedule)
	if err != nil {
		return nil, err
	}
	m.outgrew = func(ctx context.Context) error { return s.outgrew(ctx, load, asks) }
	if err := s.fits(load, asks); err != nil {
		return nil, err
	}
	issues := math.MaxInt
	if i := slices.IndexFunc(load.Streams, func(s bench.Stream) bool { return s.Scenario == token.Name }); i >= 0 {
		issues = asks[i].Count
	}
	for i, stream := range load.Streams {
		k := slices.Index(s.names, stream.Scenario)
		if k < 0 {
			return nil, fmt.Errorf("scenario %q was not opened", stream.Scenario)
		}
		a := &asks[i]
		a.Seed, a.Length, a.Timeout, a.InFlight = seed+uint64(i), load.Length, load.Timeout, load.Workers
		a.book, a.guest, a.issues = s.book, s.guest, issues
		if load.Process != bench.ClosedLoop {
			a.due = func(number int) time.Duration { return schedule.At(schedule.Find(i, number)).Due }
		}
		a.stocks = slices.Contains(s.names, revoke.Name)
		part, err := s.sources[k].Prepare(ctx, *a)
		if few, ok := errors.AsType[*fewKept](err); ok && few.kept < few.needed {
			s.target.handover.keeps = few.kept
			err = &generator.TooManyError{Err: err, Fit: s.fitting(load, asks)}
		}
		if err != nil && s.authentication.hasLocked() {
			err = fmt.Errorf("%w (%s)", err, lockedOut)
		}
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", stream.Scenario, err)
		}
		m.parts = append(m.parts, part)
	}
	if load.Process == bench.ClosedLoop {
		s.target.handover.looped += grants(load, asks)
	}
	// One part grows old while the others are made.
	for i, part := range m.parts {
		if p, ok := part.(interface {
			lasts(trial, prepared time.Duration) error
		}); ok {
			if err := p.lasts(asks[i].span(), time.Since(began)); err != nil {
				return nil, fmt.Errorf("scenario %s: %w", load.Streams[i].Scenario, err)
			}
		}
	}
	return m, nil
}

// grants is how many tokens a load has a server grant, for its arrivals or before them.
func grants(load bench.Load, asks []Ask) int {
	n := 0
	for i, stream := range load.Streams {
		if stream.Scenario == token.Name || stream.Scenario == revoke.Name {
			n += asks[i].Count
		}
	}
	return n
}

// alive is how many tokens of one client a load needs alive at a time, for those that it asks about or revokes
// end with newer ones where only so many are kept. Scenarios have clients of their own, but for revocations of what
// token was granted, unless there is but one client. 0 where none of its tokens need live on.
func (s *Set) alive(load bench.Load, asks []Ask) int {
	has := func(c Scenario) bool {
		return slices.ContainsFunc(load.Streams, func(s bench.Stream) bool { return s.Scenario == c.Name })
	}
	granted, asked := ofEach(grants(load, asks), s.target.Parameters.Clients), 0
	if has(introspect) {
		asked = ofEach(introspectStates[0].count, s.target.Parameters.Clients)
	}
	switch {
	case !has(introspect) && !has(revoke):
		return 0
	case s.guest:
		return granted + asked
	case has(revoke):
		return max(granted, asked)
	}
	return asked
}

// fits is an error when the server is known to keep fewer tokens than a load needs alive: the load would
// find dead what nobody ended.
func (s *Set) fits(load bench.Load, asks []Ask) error {
	return s.outgrown(load, asks, s.alive(load, asks))
}

// outgrown is an error when a load needs more tokens alive than the server is known to keep.
func (s *Set) outgrown(load bench.Load, asks []Ask, needed int) error {
	keeps := s.target.handover.keeps
	if keeps == 0 || needed <= keeps {
		return nil
	}
	return &generator.TooManyError{Err: &fewKept{kept: keeps, needed: needed, lone: s.guest,
		seen: s.target.handover.sought > 0}, Fit: s.fitting(load, asks)}
}

// outgrew is an error when tokens ended in a load for which the server keeps too few, whether it counts them
// by client or all together.
func (s *Set) outgrew(ctx context.Context, load bench.Load, asks []Ask) error {
	alive := s.alive(load, asks)
	if alive == 0 {
		return nil
	}
	all := max(alive, grants(load, asks)+introspectStates[0].count)
	if err := s.target.bound(ctx, all+all/4); err != nil {
		return nil // Nobody can tell, so that what ended counts.
	}
	return s.outgrown(load, asks, all)
}

// fitting is about how many arrivals of a load's mix the server keeps tokens enough for.
func (s *Set) fitting(load bench.Load, asks []Ask) int {
	arrivals := 0
	for _, a := range asks {
		arrivals += a.Count
	}
	share := (1 - spared) * float64(s.target.handover.keeps) / float64(max(s.alive(load, asks), 1))
	return int(float64(arrivals) * share)
}

// asks is how many requests each stream has, and when each of them is due where that is asked: of
// requests that are made for their arrivals, and so are held.
func (s *Set) asks(load bench.Load, schedule bench.Schedule) ([]Ask, error) {
	asks := make([]Ask, len(load.Streams))
	held := false
	for i, stream := range load.Streams {
		asks[i].Count = schedule.Of(i)
		if k := slices.Index(s.names, stream.Scenario); k < 0 || !s.holds[k] {
			continue
		}
		if asks[i].Count > MostHeld {
			return nil, fmt.Errorf("scenario %s: %d requests: at most %d can be made before a trial", stream.Scenario,
				asks[i].Count, MostHeld)
		}
		held = true
		if load.Process != bench.ClosedLoop {
			asks[i].Starts = make([]time.Duration, 0, asks[i].Count)
		}
	}
	if !held || load.Process == bench.ClosedLoop {
		return asks, nil
	}
	for i := range schedule.Count {
		if a := schedule.At(i); asks[a.Stream].Starts != nil {
			asks[a.Stream].Starts = append(asks[a.Stream].Starts, a.Due)
		}
	}
	return asks, nil
}

// mixed is several workloads under one numbering, that of the schedule.
type mixed struct {
	book     *notebook.Book
	schedule bench.Schedule
	parts    []generator.Workload

	authentication *authentication // nil when it is not asked for
	pilot          bool            // a closed loop, of which only the pace is kept
	died           []generator.Finding
	seen           bench.Observation
	outgrew        func(ctx context.Context) error // It is asked where tokens ended.
}

// accuser is a part that finds flaws of the server beside its arrivals, off the clock.
type accuser interface {
	accuse(ctx context.Context) []bench.Flaw
}

func (m *mixed) Request(i int, t *vegeta.Target) {
	part, number := m.part(i)
	part.Request(number, t)
}

// part is the workload that an arrival is of, and its number there.
func (m *mixed) part(i int) (generator.Workload, int) {
	a := m.schedule.At(i)
	return m.parts[a.Stream], a.Number
}

// Check judges by the part that the arrival is of.
func (m *mixed) Check(i int, r *vegeta.Result) bench.Answer {
	part, number := m.part(i)
	answer := part.Check(number, r)
	m.noteWrong(i, answer)
	return answer
}

// noteWrong makes a wrong answer in a load of which only the pace is kept a flaw that the
// next trial has: a wrong answer counts, whatever it was asked for. That a token ended is looked at
// once more when the load is over, also where it counts.
func (m *mixed) noteWrong(i int, answer bench.Answer) {
	switch {
	case answer.Outcome != bench.Invalid:
	case slices.Contains(deaths, answer.Case):
		if m.pilot || len(m.died) < sampleSize {
			m.died = append(m.died, generator.Finding{Arrival: i, Answer: answer})
		}
	case m.pilot:
		m.accuse(i, answer)
	}
}

func (m *mixed) accuse(i int, answer bench.Answer) {
	m.book.Accuse(bench.Flaw{Check: bench.BeforeTrials, Operation: m.Operation(i), What: answer.Case})
}

// deaths are the wrong answers that tell of a token which ended though nobody ended it.
var deaths = []string{caseActiveInactive, caseRefreshInactive, caseInactive, caseNeverAlive, caseKilledAll}

// excuse blames a server for tokens that ended in a closed loop only where they are alive again. The loop has it
// grant more tokens than the load that was asked for, and it may keep only so many: whether it keeps
// enough for that load is for the trials to find.
func (m *mixed) excuse(ctx context.Context) {
	for n, f := range m.died {
		if n < sampleSize && m.livesAgain(ctx, f.Arrival) {
			m.accuse(f.Arrival, f.Answer)
			continue
		}
		m.book.Note("", "tokens ended in burn-in or pilot, where many more were granted than in a trial, and were not "+
			"held against the server: it may keep only so many")
	}
}

// livesAgain tells whether the token of an arrival, which was called inactive, is active.
func (m *mixed) livesAgain(ctx context.Context, i int) bool {
	part, number := m.part(i)
	asked, ok := part.(interface {
		ended(ctx context.Context, i int) bool
	})
	return ok && !asked.ended(ctx, number)
}

// tooMany is an error when what died in a load did so because the server keeps fewer tokens than it needs: such a
// load says nothing of the server. One that calls live tokens inactive is none of these.
func (m *mixed) tooMany(ctx context.Context) error {
	if len(m.died) == 0 || m.livesAgain(ctx, m.died[0].Arrival) {
		return nil
	}
	return m.outgrew(ctx)
}

func (m *mixed) Operation(i int) string {
	part, number := m.part(i)
	return part.Operation(number)
}

// Expectation makes a workload a generator.Expecter. Every scenario has cases.
func (m *mixed) Expectation(i int) bench.Expectation {
	part, number := m.part(i)
	return part.(generator.Expecter).Expectation(number)
}

// Make makes a workload a generator.Maker.
func (m *mixed) Make() bool {
	for _, part := range m.parts {
		if maker, ok := part.(generator.Maker); ok && maker.Make() {
			return true
		}
	}
	return false
}

// Observed makes a workload a generator.Observer.
func (m *mixed) Observed() bench.Observation {
	sum := m.book.Take()
	sum.Merge(m.seen)
	for _, part := range m.parts {
		if o, ok := part.(generator.Observer); ok {
			sum.Merge(o.Observed())
		}
	}
	return sum
}

// Verify verifies every part, also after one could not be.
func (m *mixed) Verify(ctx context.Context) ([]generator.Finding, error) {
	var findings []generator.Finding
	var first error
	for p, part := range m.parts {
		found, err := part.Verify(ctx)
		if err != nil && first == nil {
			first = err
		}
		for _, f := range found {
			f.Arrival = m.schedule.Find(p, f.Arrival)
			findings = append(findings, f)
		}
	}
	for _, f := range findings {
		m.noteWrong(f.Arrival, f.Answer)
	}
	if m.pilot {
		m.excuse(ctx)
		return findings, first
	}
	if err := m.tooMany(ctx); err != nil {
		return nil, err
	}
	m.seen.Merge(m.authentication.probe(ctx))
	for _, part := range m.parts {
		if a, ok := part.(accuser); ok {
			m.seen.Merge(bench.Observation{Flaws: a.accuse(ctx)})
		}
	}
	return findings, first
}
