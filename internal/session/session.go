package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/internal/plan"
	"github.com/oauthbench/oauthbench/internal/targets"
	"github.com/oauthbench/oauthbench/scenarios"
)

// Request is what one run is asked for.
type Request struct {
	Plan plan.Plan
	// Targets are a candidate alone, which is then measured in one trial, or a baseline
	// and a candidate, which are compared.
	Targets  map[bench.Role]targets.Target
	Tool     string // version of this program, stored with the run
	Observer Observer
	// ShouldStop is asked after each epoch of a comparison whether more trials can change
	// the answer. Reasons are stored with the run: it then ends undecided. Nil never stops.
	ShouldStop func(run *bench.Run, epochs int) (stop bool, why []string)
	// Extend is the stored comparison that this run goes on from, whose plan Plan is; nil for
	// a run of its own.
	Extend *Extension
	// watchOthers and openClient replace host.WatchOthers and generator.OpenClient in tests.
	watchOthers func(context.Context, time.Duration) host.Others
	openClient  func(generator.ClientOptions) *generator.Client
}

// Observer is told how a run goes. Its methods are called by one goroutine.
type Observer interface {
	// Say is told a line that is to stay.
	Say(format string, args ...any)
	// Follow shows what goes on until the returned function is called.
	Follow(Activity) (stop func())
	// Publish is given the run whenever a trial has been stored, with nothing in flight,
	// and once more when it has its End. The run may be read until Publish returns.
	Publish(run *bench.Run)
}

// Activity is something that takes its time.
type Activity struct {
	// Line says how far it is, "" for nothing to say. Safe for concurrent use.
	Line func() string
	// Trials is where a run is, nil while it is prepared; Planned is how many trials it has.
	Trials  *experiment.Progress
	Planned int
	// Left is about how long it will still take, nil when that is not known.
	Left func() time.Duration
	// Part says which part of several runs this is, "" for one alone; Before are what those before it found.
	Part   string
	Before []string
}

// Result is a run as it was stored.
type Result struct {
	Run *bench.Run
	Dir string
	// Overhead is what preparing and verifying took, per arrival.
	Overhead time.Duration
}

// ErrNothingMeasured is the end of a run before its first trial was over, because its
// context ended. Nothing is stored then.
var ErrNothingMeasured = errors.New("interrupted before the first trial: nothing was measured")

// LimitError is a run that ended before its first trial at a limit of this machine.
type LimitError = experiment.OwnLimitError

// StoreError is a run that was measured and could not be stored to its end.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return e.Err.Error() }
func (e *StoreError) Unwrap() error { return e.Err }

// Run measures and stores one run. The result is nil when nothing was measured; then the
// error tells why: a targets.UsageError, a targets.StartError, or ErrNothingMeasured. A
// run that ended early is stored with its reason and is no error, unless a server died for
// good: then there are both a result and a targets.StartError.
func Run(ctx context.Context, r Request) (*Result, error) {
	profile := r.Plan.EffectiveProfile()
	if err := r.check(); err != nil {
		return nil, err
	}
	s, err := r.begin(profile)
	if err != nil {
		return nil, err
	}
	return s.store(ctx, s.measure)
}

// store measures, and keeps what was measured.
func (s *session) store(ctx context.Context, measure func(context.Context) error) (_ *Result, err error) {
	dir := s.record.dir
	defer func() { err = errors.Join(err, dir.close()) }()
	cause := measure(ctx)
	s.servers.close(s.Observer)
	if cause != nil && s.record.untouched() {
		return nil, fmt.Errorf("%w (%s is as it was)", notMeasured(ctx, cause), dir.path)
	}
	if s.record.nothingMeasured(cause) {
		return nil, notMeasured(ctx, cause)
	}
	if why := s.record.nothingSucceeded(); why != "" && ctx.Err() == nil {
		s.record.dir.file.Discard()
		return nil, &targets.StartError{Err: errors.New(why)}
	}
	if err := s.record.finish(cause); err != nil {
		return nil, &StoreError{err}
	}
	result := &Result{Run: &s.record.run, Dir: dir.path, Overhead: s.overhead}
	if gone, ok := errors.AsType[*goneError](cause); ok {
		return result, &targets.StartError{Err: gone} // Stored as far as it came, and no measurement.
	}
	return result, nil
}

// check finds what can be known to be hopeless before anything is started.
func (r Request) check() error {
	for _, t := range r.Targets {
		if err := t.Fit(r.Plan); err != nil {
			return err
		}
	}
	if r.Extend != nil {
		return nil
	}
	_, err := Foresee(r.Plan, r.compares())
	if err == nil && r.compares() {
		err = WarmInTime([]targets.Target{r.Targets[bench.Baseline], r.Targets[bench.Candidate]}, r.Plan)
	}
	if err != nil {
		return &targets.UsageError{Err: err}
	}
	return nil
}

// compares tells whether the request is for two versions.
func (r Request) compares() bool {
	_, compares := r.Targets[bench.Baseline]
	return compares
}

// session is one run under way.
type session struct {
	Request
	profile  plan.Profile
	began    time.Time
	rng      *rand.Rand
	servers  *servers
	record   *record
	machine  machine
	shared   bool // other programs used the machine while rates were looked for
	burnIn   burnIn
	overhead time.Duration // of preparing and verifying, per arrival
}

func (r Request) session(profile plan.Profile) *session {
	return &session{
		Request: r, profile: profile, began: time.Now(), rng: rand.New(rand.NewPCG(r.Plan.Seed, 0xc11)),
		servers: newServers(r.Observer, r.Targets),
	}
}

// begin makes the directory of a run, and a session that records into it.
func (r Request) begin(profile plan.Profile) (*session, error) {
	dir, err := createDirectory(r.Plan.Out, r.Plan.OutByTime)
	if err != nil {
		return nil, &targets.UsageError{Err: err}
	}
	s := r.session(profile)
	s.record = &record{dir: dir, observer: r.Observer}
	return s, nil
}

// measure is the run itself; the error tells why it ended early.
func (s *session) measure(ctx context.Context) error {
	if s.machine = s.waitForQuiet(ctx); s.machine.busy {
		s.servers.busy = true
		s.servers.notes = append(s.servers.notes, s.machine.note)
	}
	s.began = time.Now() // The budget begins when the machine is ours.
	if s.compares() {
		if words := decidable(s.Targets, s.profile, s.Plan.Budget != 0); words != "" {
			s.Observer.Say("plan: %s", words)
		}
	}
	if err := s.servers.start(ctx, s.Request); err != nil {
		return &targets.StartError{Err: err}
	}
	s.servers.tellProducts()
	if err := s.servers.try(ctx, s.Plan); err != nil {
		return err
	}
	if s.compares() && (!s.machine.busy || len(s.Plan.CostGates) > 0) {
		var err error
		if s.burnIn, err = s.servers.burnIn(ctx, s.Plan, s.profile.Budget); err != nil {
			return err
		}
	}
	if s.Extend != nil {
		return s.extend(ctx)
	}
	found, err := s.servers.rates(ctx, s.Plan)
	if err != nil {
		return err
	}
	s.shared = found.shared || s.machine.busy
	if s.overhead = found.overhead; s.burnIn.overhead > 0 {
		s.overhead = s.burnIn.overhead // The windows of a burn-in leave tokens to each other, as trials do.
	}
	wakeups := generator.MeasureWakeups()
	loads := loadsOf(s.Plan, s.profile, found.streams)
	for i := range loads {
		if loads[i].Pacing == "" {
			loads[i].Pacing = wakeups.Best()
		}
	}
	h := bench.Header{Started: s.began, Pilots: found.pilots, Loads: loads, Warnings: s.servers.notes,
		BurnIns: s.burnIn.seen}
	h.Environment.Wakeups = &wakeups
	if !s.compares() {
		return s.alone(ctx, h)
	}
	return s.compare(ctx, h)
}

// alone measures one trial of the plan's duration.
func (s *session) alone(ctx context.Context, h bench.Header) error {
	load := &h.Loads[0]
	load.Length = s.profile.LeadIn + s.Plan.Duration
	expected := load.Length + s.profile.Warmup + 2*s.profile.Settle +
		time.Duration(load.Rate()*load.Length.Seconds()*float64(s.overhead))
	slots := []bench.Slot{{Role: bench.Candidate, Seed: s.Plan.Seed}}
	if err := s.begin(h, len(slots), nil); err != nil {
		return err
	}
	return s.trials(expected, false).run(ctx, slots)
}

// compare watches both versions warm up, fits the trials into the budget and runs them.
func (s *session) compare(ctx context.Context, h bench.Header) error {
	settling, err := s.watchWarmUp(ctx, h.Loads)
	if err != nil {
		return err
	}
	h.Warmups = settling.warmups
	if settling.overhead > 0 {
		s.overhead = settling.overhead // These were trials as those to come are.
	}
	if why := s.stillBusy(settling.trials); why != "" {
		return s.endBefore(h, settling.trials, why)
	}
	size, err := s.fit(h.Loads)
	if why := s.tooLittleLeft(err); why != "" {
		return s.endBefore(h, settling.trials, why)
	}
	if err != nil {
		return &targets.UsageError{Err: err}
	}
	s.profile = size.Profile
	for i := range h.Loads {
		h.Loads[i].Length = size.Length
	}
	slots := s.profile.Slots(s.Plan.Seed, len(h.Loads))
	operations := scenarios.Operations(s.Plan.Scenarios)
	s.Plan.Gates = s.profile.Gates(operations, size.Quantiles)
	s.Plan.Sentinels = s.profile.Sentinels(operations, len(s.Plan.Gates))
	announce(s, h.Loads, size)
	noise := verdict.WithEarlier(settling.noise, earlierNoise(s, h.Loads))
	chooseMargin(s, h.Loads, size, noise)
	announcePower(s, h.Loads, size, noise)
	if err := s.begin(h, len(slots), settling.trials); err != nil {
		return err
	}
	if len(settling.stopped) > 0 {
		s.record.stopped = settling.stopped
		s.Observer.Say("stopping: %s", settling.stopped[0])
		return nil
	}
	return s.trials(size.Expected, settling.warm).run(ctx, slots)
}

// begin stores the header and the trials of the warm-up pilot: from here on there is a
// run.
func (s *session) begin(h bench.Header, slots int, pilots []bench.Trial) error {
	command := plan.Run
	if s.compares() {
		command = plan.Compare
	}
	return s.beginAs(command, h, slots, pilots)
}

// beginAs is begin for the command that made the run.
func (s *session) beginAs(command string, h bench.Header, slots int, pilots []bench.Trial) error {
	h.Tool, h.Seed, h.Slots, h.Plan = s.Tool, s.Plan.Seed, slots, s.Plan.JSON()
	h.Command = append([]string{"oauthbench", command}, s.Plan.Flags(command)...)
	h.Deployments = s.servers.identities()
	rule := s.Plan.Rule(s.profile)
	if s.servers.lasting() {
		// One start of a version is luck: what it costs convicts where that was asked for.
		rule.Costs = slices.DeleteFunc(rule.Costs, func(c verdict.CostRule) bool { return !c.Gate })
	}
	if err := runs.Store(&h, rule, scenarios.Operations(s.Plan.Scenarios)); err != nil {
		return err
	}
	if err := s.record.begin(h); err != nil {
		return err
	}
	for _, t := range slices.Concat(s.servers.lost, pilots) {
		if err := s.record.keep(t); err != nil {
			return err
		}
	}
	return nil
}

// notMeasured is the error of a run that ended before its first trial did.
func notMeasured(ctx context.Context, cause error) error {
	var usage *targets.UsageError
	var start *targets.StartError
	switch {
	case ctx.Err() != nil:
		return ErrNothingMeasured
	case cause == nil, errors.As(cause, &usage), errors.As(cause, &start):
		return cause
	}
	return &targets.StartError{Err: cause}
}
