package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Step is one step of a rehearsal, as it went.
type Step struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took_ns"`
}

// Rehearsal is one blue-green upgrade under way.
type Rehearsal struct {
	Blue    Side
	Upgrade Upgrade
	Journal *Journal
	Twins   int              // equal grants of each sort; each question gets its own
	Now     func() time.Time // nil is time.Now
	Say     func(step string)

	ledger   Ledger
	green    Side
	to       Switch
	sessions []*session
	steps    []Step
	replay   struct{ captured, replayed int }
}

// session is one grant with its places in the ledger.
type session struct {
	sort                    string // what is to happen to it
	subject                 string
	grant                   Grant
	origin                  Place
	access, refresh         int
	usedRefresh, usedAccess string // what it had before it was refreshed
	used                    int
}

// Sorts of sessions, by what happens to each. The last two are ended at green.
const (
	kept               = "kept"
	refreshedBefore    = "refreshed before the copy"
	revokedBefore      = "revoked before the copy"
	tokenInWindow      = "revoked by token in the window"
	consentInWindow    = "revoked by consent in the window"
	refreshedInWindow  = "refreshed in the window"
	tokenAfterSwitch   = "revoked by token after the switch"
	consentAfterSwitch = "revoked by consent after the switch"
)

// Doors by which a session ends.
const (
	byToken   = "revoked by token"
	byConsent = "revoked by consent"
)

// Result is what a rehearsal has found.
type Result struct {
	Steps    []Step    `json:"steps"`
	Captured int       `json:"captured"` // acts that the journal has
	Replayed int       `json:"replayed"` // of these, at green
	Lines    []Line    `json:"ledger"`
	Findings []Finding `json:"findings"`
}

// Run does the whole rehearsal. An error means that a step could not be done; what was
// done wrong is in the findings.
func (r *Rehearsal) Run(ctx context.Context) (Result, error) {
	for _, step := range r.plan() {
		if r.Say != nil {
			r.Say(step.name)
		}
		begun := r.now()
		if err := step.do(ctx); err != nil {
			return r.result(), fmt.Errorf("%s: %w", step.name, err)
		}
		r.steps = append(r.steps, Step{step.name, r.now().Sub(begun)})
	}
	return r.result(), nil
}

type plannedStep struct {
	name string
	do   func(context.Context) error
}

// plan are the steps in order.
func (r *Rehearsal) plan() []plannedStep {
	return []plannedStep{
		{"make sessions at blue", r.makeBefore},
		{"copy the database while blue serves", r.Upgrade.Copy},
		{"revoke, refresh and issue at blue, journalled", r.actInWindow},
		{"migrate the copy", r.Upgrade.Migrate},
		{"start green", r.startGreen},
		{"replay the journal at green", r.replayJournal},
		{"switch to green", func(context.Context) error { r.to.Over(); return nil }},
		{"ask about every token", func(ctx context.Context) error { return r.askAll(ctx, AfterSwitch) }},
		{"clean up", r.cleanUp},
		{"revoke at green through every door", r.actAfterSwitch},
		{"ask again", func(ctx context.Context) error { return r.askAll(ctx, AfterCleanUp) }},
	}
}

// Plan names the steps of every rehearsal, in order.
func Plan() []string {
	var names []string
	for _, step := range (&Rehearsal{Upgrade: noUpgrade{}}).plan() {
		names = append(names, step.name)
	}
	return names
}

// noUpgrade does nothing.
type noUpgrade struct{ Upgrade }

func (noUpgrade) Copy(context.Context) error    { return nil }
func (noUpgrade) Migrate(context.Context) error { return nil }

func (r *Rehearsal) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Rehearsal) startGreen(ctx context.Context) (err error) {
	r.green, err = r.Upgrade.Start(ctx)
	if err == nil {
		r.to.Canary(0)
	}
	return err
}

func (r *Rehearsal) cleanUp(ctx context.Context) error {
	err := r.Upgrade.CleanUp(ctx)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

func (r *Rehearsal) result() Result {
	lines := r.ledger.Lines()
	return Result{Steps: r.steps, Captured: r.replay.captured, Replayed: r.replay.replayed, Lines: lines,
		Findings: Findings(lines)}
}
