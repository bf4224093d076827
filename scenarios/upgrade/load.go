package upgrade

import (
	"context"
	"math/rand/v2"
	"time"
)

// mostUnderWay bounds arrivals under way; later ones wait, and their response time counts
// from when they were due all the same.
const mostUnderWay = 64

// loadOn starts the load, and lets blue alone carry it for the window.
func (r *Rehearsal) loadOn(ctx context.Context) error {
	r.startLoad(ctx)
	return observe(ctx, r, Blue)
}

// observe waits for the window, and reads meanwhile what the server at a place spends.
func observe(ctx context.Context, r *Rehearsal, p Place) error {
	if r.Upgrade.Usage == nil || r.Window == 0 {
		return r.wait(ctx)
	}
	end := clockOf(r).Add(r.Window)
	for {
		if u, err := r.Upgrade.Usage(ctx, p); err == nil {
			u.At, u.Place = clockOf(r), p
			r.readings = append(r.readings, u)
		}
		left := end.Sub(clockOf(r))
		if left <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, min(left, readEvery)); err != nil {
			return err
		}
	}
}

func (r *Rehearsal) startLoad(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	l := &running{r: r, stop: stop, ended: make(chan struct{}), slots: make(chan struct{}, mostUnderWay)}
	l.random = rand.New(rand.NewPCG(r.Load.Seed, 17))
	r.load = l
	go l.run(ctx)
}

// endLoad ends the load and keeps what it saw.
func endLoad(r *Rehearsal) {
	if r.load == nil {
		return
	}
	r.load.stop()
	<-r.load.ended
	r.watch = append(r.watch, r.load.samples...)
	r.load = nil
}

// run sends arrivals with exponential gaps until it is stopped.
func (l *running) run(ctx context.Context) {
	defer close(l.ended)
	defer l.under.Wait()
	due := clockOf(l.r)
	for {
		l.mu.Lock()
		gap, op := l.random.ExpFloat64(), l.draw()
		l.mu.Unlock()
		due = due.Add(time.Duration(gap / l.r.Load.Rate * float64(time.Second)))
		if sleep(ctx, due.Sub(clockOf(l.r))) != nil {
			return
		}
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		at := due
		l.under.Go(func() {
			defer func() { <-l.slots }()
			l.arrive(context.WithoutCancel(ctx), op, at)
		})
	}
}

// draw chooses an operation by the mix.
func (l *running) draw() Operation {
	sum := 0.0
	for _, op := range Operations() {
		sum += l.r.Load.Mix[op]
	}
	x := l.random.Float64() * sum
	for _, op := range Operations() {
		if x -= l.r.Load.Mix[op]; x < 0 {
			return op
		}
	}
	return OpIssue
}

// drain waits until what was sent before the switch has been answered.
func (l *running) drain() {
	l.hold()
	l.release()
}

// hold waits likewise, and lets no arrival go on until release. Response times count from when
// arrivals were due all the same.
func (l *running) hold() {
	for range mostUnderWay {
		l.slots <- struct{}{}
	}
}

func (l *running) release() {
	for range mostUnderWay {
		<-l.slots
	}
}

// arrive does one arrival. A session is used by one arrival at a time; where there is none
// for the operation, a token is issued instead.
func (l *running) arrive(ctx context.Context, op Operation, due time.Time) {
	if l.r.Load.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.r.Load.Timeout)
		defer cancel()
	}
	r := l.r
	var s *session
	if op == OpIntrospect || op == OpRefresh || op == OpRevoke {
		if s = l.take(op); s == nil {
			op = OpIssue
		}
	}
	sample := Sample{Due: due, Op: op, Outcome: Good}
	var err error
	switch op {
	case OpIssue, OpLogIn:
		sort := ownKept
		if op == OpLogIn {
			sort = underLoad
		}
		sample.Place, err = l.issue(ctx, sort)
	case OpIntrospect:
		sample.Place = r.to.Ask(s.Origin)
		var active bool
		expect := r.ledger.Item(s.Access).Expect == Live
		if active, err = sideAt(r, sample.Place).Active(ctx, s.Grant.Access); err == nil && active != expect {
			sample.Outcome = Wrong
		}
	case OpRefresh:
		sample.Place = r.to.Ask(s.Origin)
		err = r.refresh(ctx, s)
	case OpRevoke:
		sample.Place = r.to.Ask(s.Origin)
		err = r.end(ctx, s, byToken)
	}
	if err != nil {
		sample.Outcome, sample.Why = Failed, err.Error()
		if ctx.Err() != nil || lostAnswer(err) {
			sample.Outcome = Timeout
		}
		if op == OpRefresh || op == OpRevoke {
			l.doubt(s) // nobody knows whether it was done
		}
	}
	sample.Response = clockOf(r).Sub(due)
	l.give(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, sample)
}

// issue makes a session. One that was begun before the copy and ended after it is not
// asked about: nobody can tell whether the copy has it.
func (l *running) issue(ctx context.Context, sort string) (Place, error) {
	r := l.r
	begun := r.phase.get()
	s, err := r.make(ctx, sort, r.client, begun)
	if err != nil {
		return s.Origin, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Sort, s.Asks = underLoad, []Phase{AfterSwitch}
	if r.phase.get() != begun {
		s.Access, s.Refresh = 0, 0
	}
	return s.Origin, nil
}

// take finds a session for an operation that nobody else uses.
func (l *running) take(op Operation) *session {
	r := l.r
	over := r.phase.get() == AfterSwitch && strategyOf(r) == BlueGreen
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.sessions)
	if n == 0 {
		return nil
	}
	l.mu.Lock()
	from := l.random.IntN(n)
	l.mu.Unlock()
	for i := range n {
		s := r.sessions[(from+i)%n]
		switch {
		case s.busy || s.Sort != underLoad || s.Access == 0:
			continue
		case over && s.Known == InWindow && r.Upgrade.CatchUp == nil:
			continue // green never heard of it
		case op != OpIntrospect && (s.Grant.Refresh == "" || r.ledger.Item(s.Access).Expect == Dead):
			continue
		}
		s.busy = true
		return s
	}
	return nil
}

func (l *running) give(s *session) {
	if s == nil {
		return
	}
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	s.busy = false
}

// doubt takes a session out of the ledger's questions.
func (l *running) doubt(s *session) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	s.Access, s.Refresh, s.Used = 0, 0, 0
}
