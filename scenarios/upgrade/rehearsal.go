package upgrade

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// Rehearsal is one upgrade under way. Blue, Upgrade and Journal must be set.
type Rehearsal struct {
	Strategy Strategy // "" is BlueGreen
	Blue     Side
	Upgrade  Upgrade
	Journal  *journal.Journal
	Twins    int           // equal things of each sort for each question
	Control  bool          // the ledger is asked over a restart of the old version first
	Load     Load          // its zero value is none
	Canary   Shares        // of green before the switch
	Window   time.Duration // how long the load runs before the copy, between copy and switch at least, and after it
	Now      func() time.Time
	Say      func(step string)
	// Save, when not nil, stores what a run that is resumed begins with, as each step ends.
	Save func(Memory) error
	// Replay does an entry at green; nil is Replay, through its doors. Repeated, it must do nothing more.
	Replay     func(ctx context.Context, green Side, entry journal.Entry) error
	ReplayRate float64 // most entries a second; 0 for as many as green takes
	// Halves ends at green by its rows what a replay through its doors may find half done, where nobody watches
	// blue's rows: a server may end a grant in several transactions, and the copy have the first alone. Nil where
	// the rows are not known.
	Halves func(ctx context.Context, entry journal.Entry) error

	ledger    Ledger
	green     Side
	to        Switch
	client    Client
	mu        sync.Mutex // sessions and things
	sessions  []*session
	things    []*thing
	phase     phaseNow
	load      *running
	steps     []Step
	checks    []Check // on the source
	examined  []Check // on the migrated database
	found     []Finding
	replay    struct{ captured, replayed int }
	began     time.Time // when the copy began
	copied    time.Time // when it had ended
	watch     []Sample  // of the load that has ended
	readings  []Reading // of each side alone
	caughtUp  int64     // rows
	watched   time.Time // when the watch of blue's rows began
	witnessed *Witnessed
	matrix    *asking         // nil before its first step
	spent     []journal.Entry // refresh tokens of blue that green has exchanged while blue was ready to go back to
	unheard   []journal.Entry // that blue may not have heard of, since the process before this one ended
	questions int
	named     int  // subjects so far
	wentBack  bool // everything is at blue again, for good
	loaded    bool // the load ran when the process before this one ended
}

// phaseNow is the phase that the rehearsal is in, for the load beside it.
type phaseNow struct {
	mu  sync.Mutex
	now Phase
}

func (p *phaseNow) set(to Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = to
}

func (p *phaseNow) get() Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == "" {
		return BeforeCopy
	}
	return p.now
}

// Result is what a rehearsal has found.
type Result struct {
	Strategy Strategy  `json:"strategy"`
	Steps    []Step    `json:"steps"`
	Failed   string    `json:"failed,omitempty"` // the step that could not be done, with the reason
	Captured int       `json:"captured"`         // acts that the journal has
	Replayed int       `json:"replayed"`         // of these, at green
	Lines    []Line    `json:"ledger"`
	Source   []Check   `json:"source"`   // of blue's rows, before anything is copied
	Migrated []Check   `json:"migrated"` // of green's rows
	Findings []Finding `json:"findings"`
	Traffic  *Traffic  `json:"traffic,omitempty"`
	Changes  []Change  `json:"changes,omitempty"` // from blue alone to green alone
	// CaughtUp are rows that blue wrote after the copy and that green was given.
	CaughtUp int64 `json:"caught_up,omitempty"`
	// Witnessed is what the rows of blue's database told beside the journal.
	Witnessed *Witnessed `json:"witnessed,omitempty"`
	// Matrix is what each version does with what the other has made.
	Matrix []Row `json:"matrix,omitempty"`
	// Journalled and ReplayedAt are when entries were written and replayed.
	Journalled []time.Time `json:"journalled_at,omitempty"`
	ReplayedAt []time.Time `json:"replayed_at,omitempty"`
}

// briefLines is how many telling lines of a long error are kept.
const briefLines = 3

// Brief is the first line of an error, with the lines of a log in it that tell of errors.
func Brief(err error) string {
	all := strings.Split(err.Error(), "\n")
	kept := all[:1]
	for _, line := range all[1:] {
		lower := strings.ToLower(line)
		telling := strings.Contains(lower, "error:") || strings.Contains(lower, "error executing") ||
			strings.Contains(lower, "violates")
		line = strings.TrimSpace(line)
		if len(kept) <= briefLines && telling && !slices.Contains(kept, line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "; ")
}

func clockOf(r *Rehearsal) time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func strategyOf(r *Rehearsal) Strategy {
	if r.Strategy == "" {
		return BlueGreen
	}
	return r.Strategy
}

func probesOf(r *Rehearsal) []Probe { return r.Blue.Probes() }

// running is the load while it runs.
type running struct {
	r       *Rehearsal
	stop    context.CancelFunc
	ended   chan struct{}
	under   sync.WaitGroup
	slots   chan struct{}
	mu      sync.Mutex
	random  *rand.Rand
	samples []Sample
}

// session is one grant, or one token of a client's own, with its places in the ledger.
type session struct {
	Sort    string  `json:"sort"` // what is to happen to it
	Subject string  `json:"subject"`
	Client  Client  `json:"client"`
	Grant   Grant   `json:"grant"`
	Origin  Place   `json:"origin"`
	Known   Phase   `json:"known"` // when its present tokens were made
	Asks    []Phase `json:"asks"`
	Access  int     `json:"access"` // IDs of items; 0 for none
	Refresh int     `json:"refresh"`
	Used    int     `json:"used"`
	Spent   string  `json:"spent"` // the refresh token that it had before it was refreshed

	busy bool // the load does something with it
}

// thing is one thing of a Probe.
type thing struct {
	Kind  Kind   `json:"kind"`
	Thing string `json:"thing"`
	Item  int    `json:"item"`
	Asks  Phase  `json:"asks"`
	// At is when it was made, at the earliest.
	At time.Time `json:"at"`
}

// ofClient is a client's secret or right, as the text of a thing.
type ofClient struct {
	Client
	Right string `json:"right,omitempty"`
}

// read is the secret or right that a thing is.
func (t *thing) read() (of ofClient) {
	_ = json.Unmarshal([]byte(t.Thing), &of)
	return of
}

// Memory is all that a rehearsal has to remember so that another process can go on where it
// stopped. It has tokens and secrets in it: store it sealed.
type Memory struct {
	Steps    []Step     `json:"steps"`
	Client   Client     `json:"client"`
	Sessions []*session `json:"sessions"`
	Things   []*thing   `json:"things"`
	Items    []Item     `json:"items"`
	Answers  []Answered `json:"answers"`
	Phase    Phase      `json:"phase"`
	Loaded   bool       `json:"loaded"`
	Green    bool       `json:"green"`
	Samples  []Sample   `json:"samples"`
	Readings []Reading  `json:"readings"`
	Source   []Check    `json:"source"`
	Migrated []Check    `json:"migrated"`
	Found    []Finding  `json:"found"`
	Captured int        `json:"captured"`
	Replayed int        `json:"replayed"`
	Began    time.Time  `json:"began"`
	Copied   time.Time  `json:"copied"`
	Named    int        `json:"named"`
	WentBack bool       `json:"went_back"`
	CaughtUp int64      `json:"caught_up"`

	Watched   time.Time  `json:"watched"`
	Witnessed *Witnessed `json:"witnessed"`

	Matrix       []Row         `json:"matrix"`
	MatrixThings []matrixThing `json:"matrix_things"`
}

// Answered is one answer of the ledger.
type Answered struct {
	When  Phase `json:"when"`
	Item  Item  `json:"item"`
	State State `json:"state"`
}

func (r *Rehearsal) wait(ctx context.Context) error { return sleep(ctx, r.Window) }

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tries is how often something is asked for that a server may refuse for a moment.
const tries = 3

// pause is how long is waited before the next of these tries.
const pause = 200 * time.Millisecond

// retried does what a server may refuse for a moment; a door that it does not have is none for good.
func retried(ctx context.Context, do func() error) (err error) {
	for try := range tries {
		if try > 0 {
			if err := sleep(ctx, pause); err != nil {
				return err
			}
		}
		if err = do(); err == nil || errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return err
}
