package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// plannedStep is one step of the plan.
type plannedStep struct {
	name     string
	commands []string
	do       func(context.Context) error
}

// planner collects steps; one whose task is not there is left out.
type planner struct {
	r   *Rehearsal
	all []plannedStep
}

func (p *planner) add(name string, do func(context.Context) error, commands ...string) {
	p.all = append(p.all, plannedStep{name, commands, do})
}

func (p *planner) when(there bool, name string, do func(context.Context) error) {
	if there {
		p.add(name, do)
	}
}

func (p *planner) tasks(tasks []Task, wrap func(error) error) {
	for _, t := range tasks {
		do := func(ctx context.Context) error { return wrap(t.Do(ctx)) }
		p.all = append(p.all, plannedStep{name: t.Name, commands: t.Commands, do: do})
	}
}

// planOf are the steps in order.
func planOf(r *Rehearsal) []plannedStep {
	u, p, loaded := r.Upgrade, &planner{r: r}, r.Load.Rate > 0
	same := func(err error) error { return err }
	p.add("make sessions at blue", r.makeBefore)
	p.tasks(u.Prepare, same)
	p.when(u.Changed, "ask blue what its changed rows have left", func(ctx context.Context) error {
		return excuse(ctx, r)
	})
	if r.Control && u.Restart != nil {
		p.add("restart blue, as a control", u.Restart)
		p.add("ask blue after its restart", func(ctx context.Context) error { return r.askAll(ctx, AfterRestart) })
	}
	p.when(u.Preflight != nil, "count the rows that the migration rejects, changes or drops", r.preflight)
	p.when(loaded, loadStep, r.loadOn)
	failing := func(err error) error {
		if err != nil {
			return errMigration{err}
		}
		return nil
	}
	switch strategyOf(r) {
	case BlueGreen:
		p.when(u.Witness != nil, "watch the rows of blue's tokens", func(ctx context.Context) error {
			return witness(ctx, r)
		})
		p.add(CopyStep, r.copy, u.CopyCommands...)
		p.add("revoke, refresh and issue at blue, journalled", func(ctx context.Context) error {
			return actInWindow(ctx, r)
		})
		p.tasks(u.Migrate, failing)
		p.when(u.Examine != nil, "count the rows that the migration has left wrong", r.examine)
		p.add("start green", r.startGreen)
		p.add("ask green before the replay", func(ctx context.Context) error { return r.askAll(ctx, BeforeReplay) })
		p.when(loaded, "wait until the window is over", r.waitWindow)
		p.add(ReplayStep, func(ctx context.Context) error { return replayJournal(ctx, r) })
		p.when(u.Witness != nil, "replay what blue's rows alone tell", func(ctx context.Context) error {
			return replayWitnessed(ctx, r)
		})
		p.when(u.CatchUp != nil, "insert into green what blue wrote after the copy", func(ctx context.Context) error {
			return catchUp(ctx, r)
		})
		for _, share := range r.Canary {
			p.when(loaded, fmt.Sprintf("canary of %.3g %%", 100*share), func(ctx context.Context) error {
				return canary(ctx, r, share)
			})
		}
		p.add(SwitchStep, func(ctx context.Context) error { return toGreen(ctx, r) })
	case InPlace:
		p.tasks(u.Migrate, failing)
		p.when(u.Examine != nil, "count the rows that the migration has left wrong", r.examine)
		p.add(StopStep, u.StopBlue)
		p.add("start green", r.startGreen)
		p.add(SwitchStep, r.over)
	case StopTheWorld:
		p.add(StopStep, u.StopBlue)
		p.tasks(u.Migrate, failing)
		p.when(u.Examine != nil, "count the rows that the migration has left wrong", r.examine)
		p.add("start green", r.startGreen)
		p.add(SwitchStep, r.over)
	}
	p.when(loaded, "load on green alone", unlessBack(r, func(ctx context.Context) error { return loadAtGreen(ctx, r) }))
	p.when(loaded, "load off", func(context.Context) error { endLoad(r); return nil })
	if u.Witness != nil {
		p.when(strategyOf(r) == BlueGreen, "end the watch of blue's rows", u.Witness.End)
	}
	p.add("ask about every token", func(ctx context.Context) error { return r.askAll(ctx, AfterSwitch) })
	p.add("revoke at green through every door", unlessBack(r, r.actAfterSwitch))
	p.add("ask what the doors have done", unlessBack(r, func(ctx context.Context) error {
		return r.askAll(ctx, AfterDoors)
	}))
	if u.CleanUp != nil {
		p.add("clean up", unlessBack(r, u.CleanUp))
		p.add("ask again", unlessBack(r, func(ctx context.Context) error { return r.askAll(ctx, AfterCleanUp) }))
	}
	p.when(u.WayBack != nil, "start the old version on green's database", unlessBack(r, r.wayBack))
	p.when(u.InPlace != nil && strategyOf(r) == BlueGreen, "migrate in place under blue, which still serves", r.inPlace)
	return p.all
}

// Planned is one step of a plan, with the commands by which it is done.
type Planned struct {
	Name     string
	Commands []string
}

// Plan names the steps of the rehearsal, in order; none is done.
func (r *Rehearsal) Plan() []Planned {
	var all []Planned
	for _, step := range planOf(r) {
		all = append(all, Planned{step.name, step.commands})
	}
	return all
}

func (r *Rehearsal) preflight(ctx context.Context) (err error) {
	r.checks, err = r.Upgrade.Preflight(ctx)
	return err
}

func (r *Rehearsal) examine(ctx context.Context) (err error) {
	r.examined, err = r.Upgrade.Examine(ctx)
	return err
}

func (r *Rehearsal) copy(ctx context.Context) error {
	r.began = clockOf(r)
	r.phase.set(InWindow)
	return r.Upgrade.Copy(ctx)
}

func (r *Rehearsal) startGreen(ctx context.Context) (err error) {
	r.green, err = r.Upgrade.Start(ctx)
	if err == nil && strategyOf(r) == BlueGreen {
		r.to.Canary(0)
	}
	return err
}

// over sends everything to green, on whose database blue has been.
func (r *Rehearsal) over(context.Context) error {
	if r.load != nil {
		// An arrival that has chosen a session must not find another side than it chose it for.
		r.load.hold()
		defer r.load.release()
	}
	r.phase.set(AfterSwitch)
	allToGreen(r)
	return nil
}

// waitWindow waits until the window has lasted as long as was asked for.
func (r *Rehearsal) waitWindow(ctx context.Context) error {
	return sleep(ctx, r.Window-clockOf(r).Sub(r.began))
}

// wayBack finds out whether the old version can serve what green has migrated.
func (r *Rehearsal) wayBack(ctx context.Context) error {
	const text = "the old version cannot serve the migrated database: %s"
	const cure = "going back means blue with its own database: keep it, replay at blue what green revokes, " +
		"and count the sessions that green makes as lost"
	found := func(why string, of, wrong int) {
		r.found = append(r.found, Finding{
			Name: FoundNoWayBack, Of: of, Wrong: wrong, Note: true, Text: fmt.Sprintf(text, why), Cure: cure})
	}
	old, stop, err := r.Upgrade.WayBack(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		found("it does not start", 1, 1)
		return nil
	}
	defer func() { err = errors.Join(err, stop(context.WithoutCancel(ctx))) }()
	of, wrong := 0, 0
	for range r.Twins {
		s, err := r.make(ctx, kept, r.client, AfterSwitch)
		if err != nil {
			return err
		}
		of++
		if active, err := old.Active(ctx, s.Grant.Access); err != nil || !active {
			wrong++
		}
	}
	if wrong > 0 {
		found(fmt.Sprintf("%d of %d tokens that green has issued are inactive there", wrong, of), of, wrong)
	}
	return nil
}

// inPlace watches the answers of blue while its own database is migrated under it.
func (r *Rehearsal) inPlace(ctx context.Context) error {
	var tokens []string
	for range max(r.Twins, 3) {
		g, err := r.Blue.Issue(ctx, r.client, newSubject(r, "watched in place"))
		if err != nil {
			return err
		}
		tokens = append(tokens, g.Access)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Upgrade.InPlace(ctx) }()
	of, wrong, failed, first := 0, 0, 0, ""
	begun := clockOf(r)
	ask := func() {
		for _, token := range tokens {
			of++
			active, err := r.Blue.Active(ctx, token)
			switch {
			case err != nil:
				failed++
			case !active:
				wrong++
			default:
				continue
			}
			if first == "" {
				first = clockOf(r).Sub(begun).Round(100 * time.Millisecond).String()
			}
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var err error
	for done := false; !done; {
		select {
		case err = <-ended:
			done = true
		case <-tick.C:
		}
		ask()
	}
	if _, refused := r.Blue.IssueOwn(ctx, r.client); refused != nil {
		failed++
		of++
	}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		r.found = append(r.found, Finding{Name: FoundInPlaceFails, Of: 1, Wrong: 1, Note: true, Text: Brief(err),
			Cure: "under a version that serves the migration need not even end: stop it first, or go blue-green"})
	}
	if wrong+failed > 0 {
		r.found = append(r.found, Finding{Name: FoundInPlace, Of: of, Wrong: wrong + failed, Note: true,
			Text: fmt.Sprintf("in place, the old version called valid tokens inactive in %d of %d answers with "+
				"status 200, and failed in %d; first after %s", wrong, of, failed, first),
			Cure: "do not migrate under a version that serves, and watch answers, not status codes: " +
				"stop it first, or go blue-green"})
	}
	return nil
}
