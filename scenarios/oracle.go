package scenarios

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Facts and lags of the revocation oracle.
const (
	FactWatched    = "revocations_watched"         // by the oracle
	FactSkipped    = "revocations_skipped"         // to be watched, but the oracle already followed the maximum of 16
	FactRevived    = "revoked_tokens_active_again" // after having been inactive; must be 0
	FactUnanswered = "revocation_questions_unanswered"
	FactLate       = "revocations_late" // tokens that were still active when the trial ended, and died then
	// Tokens that were revoked a second time after a trial, and those of them that were inactive then.
	FactRevokedAgain  = "revoked_again_asked"
	FactStillInactive = "revoked_again_inactive"
	// LagRevocation is from the last byte of the answer to a revocation to when a
	// question was sent that was answered with inactive. It is an upper bound, and has no
	// tokens of which a question was not answered: nobody knows how much of it was silence.
	LagRevocation = "revocation"
)

const (
	firstDelay = 10 * time.Millisecond // between two questions about a token; doubles
	longest    = 5 * time.Second
	// oracleSpacing keeps the oracle's own load low: at most 50 questions a second, one
	// at a time.
	oracleSpacing = 20 * time.Millisecond
	// oracleCrowd bounds the tokens that are followed until they are inactive, so that
	// a question does not wait long for its turn and stretch the lag.
	oracleCrowd = 16
	// oracleMost bounds all tokens that are followed.
	oracleMost = 256
	// looksAfter is how often a token is asked for once it is inactive; after the trial
	// every token is asked for once more.
	looksAfter = 4
	// revocationPatience is how long after a trial a token may take to become inactive.
	revocationPatience = 5 * time.Second
)

// oracle asks, while a load runs, for tokens that have just been revoked: beside the
// load, on connections of its own, slowly. Its questions are not part of the load.
type oracle struct {
	target   Target
	inspect  *inspector
	endpoint string
	http     *http.Client

	mu         sync.Mutex
	watched    []*followed
	skipped    int64
	count      int64
	unanswered int64 // questions that were not answered
	wake       chan struct{}
	ended      chan struct{}
	cancel     context.CancelFunc

	lag     *bench.Histogram
	dead    map[int]bool // arrivals whose token was seen inactive
	revived map[int]bool // arrivals whose token was active after that
}

// followed is one token that the oracle asks for.
type followed struct {
	arrival  int
	request  oauth.Request
	revoked  time.Time
	due      time.Time
	delay    time.Duration
	inactive bool
	silence  bool // a question was not answered
	looks    int  // since it was inactive
}

// watch starts an oracle. It ends with its context, or by end.
func (t Target) watch(ctx context.Context, in *inspector) *oracle {
	o := &oracle{target: t, inspect: in, endpoint: in.endpoint, http: t.HTTP, wake: make(chan struct{}, 1),
		ended: make(chan struct{}), lag: bench.NewHistogram(),
		dead: map[int]bool{}, revived: map[int]bool{}}
	if t.Elsewhere != "" {
		o.endpoint = t.Elsewhere
	}
	if t.Oracle != nil {
		o.http = t.Oracle
	}
	ctx, o.cancel = context.WithCancel(ctx)
	go o.run(ctx)
	return o
}

// follow takes a token that was revoked at a time, unless there are too many already.
func (o *oracle) follow(arrival int, token string, revoked time.Time) {
	alive := o.pending()
	o.mu.Lock()
	defer o.mu.Unlock()
	if alive >= oracleCrowd || len(o.watched) >= oracleMost {
		o.skipped++
		return
	}
	o.count++
	o.watched = append(o.watched, &followed{
		arrival: arrival, request: oauth.Introspect(o.endpoint, o.inspect.resource, token), revoked: revoked,
		due: revoked, delay: firstDelay,
	})
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run asks one question after another until ctx is done.
func (o *oracle) run(ctx context.Context) {
	defer close(o.ended)
	for ctx.Err() == nil {
		f := o.next()
		if f == nil {
			select {
			case <-o.wake:
			case <-ctx.Done():
			}
			continue
		}
		if wait := time.Until(f.due); wait > 0 {
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-o.wake: // another may be due earlier
			case <-ctx.Done():
			}
			timer.Stop()
			continue
		}
		o.look(ctx, f)
		if generator.Pause(ctx, oracleSpacing) != nil {
			return
		}
	}
}

// next is the token that is due first; one that is not yet inactive goes before.
func (o *oracle) next() *followed {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.watched) == 0 {
		return nil
	}
	now := time.Now()
	return slices.MinFunc(o.watched, func(a, b *followed) int {
		if !a.due.After(now) && !b.due.After(now) && a.inactive != b.inactive {
			if a.inactive {
				return 1
			}
			return -1
		}
		return a.due.Compare(b.due)
	})
}

// look asks once. A question that is not answered says nothing and is asked again.
func (o *oracle) look(ctx context.Context, f *followed) {
	asked := time.Now()
	got, err := send(ctx, o.http, f.request)
	if ctx.Err() != nil {
		return
	}
	a, parsed := oauth.ParseIntrospection(got.body)
	o.mu.Lock()
	defer o.mu.Unlock()
	known := err == nil && got.status == http.StatusOK && parsed == nil
	switch {
	case !known:
		o.unanswered++
		f.silence = true
	case !a.Active && !f.inactive:
		f.inactive, f.delay = true, firstDelay
		o.dead[f.arrival] = true
		if !f.silence {
			o.lag.Record(asked.Sub(f.revoked))
		}
	case a.Active && f.inactive:
		o.revived[f.arrival] = true
		f.looks = looksAfter
	}
	if f.inactive {
		f.looks++
	}
	f.due = time.Now().Add(f.delay)
	f.delay = min(4*f.delay, longest)
	if !f.inactive {
		f.delay = min(f.delay/2, longest)
	}
	if f.looks > looksAfter {
		o.watched = slices.DeleteFunc(o.watched, func(x *followed) bool { return x == f })
	}
}

// settle waits until every token that is followed is inactive, until a time at most.
func (o *oracle) settle(ctx context.Context, until time.Time) {
	for o.pending() > 0 && time.Now().Before(until) && generator.Pause(ctx, oracleSpacing) == nil {
	}
}

// pending is how many tokens are not known to be inactive.
func (o *oracle) pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, f := range o.watched {
		if !f.inactive {
			n++
		}
	}
	return n
}

// end stops the oracle. What it learnt may be read then.
func (o *oracle) end() {
	o.cancel()
	<-o.ended
}

// revives takes the last look at a token, after the trial, and tells whether it came
// back to life.
func (o *oracle) revives(arrival int, active bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if active && o.dead[arrival] {
		o.revived[arrival] = true
	}
	return o.revived[arrival]
}

// observed is what the oracle learnt. Without a lag there is no histogram.
func (o *oracle) observed() bench.Observation {
	out := bench.Observation{Facts: map[string]int64{FactWatched: o.count, FactSkipped: o.skipped,
		FactRevived: int64(len(o.revived)), FactUnanswered: o.unanswered}}
	if o.lag.Count() > 0 {
		out.Lags = map[string]*bench.Histogram{LagRevocation: o.lag}
	}
	return out
}
