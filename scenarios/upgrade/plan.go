package upgrade

import (
	"context"
	"errors"
	"fmt"
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

func (p *planner) tasks(tasks []Task) {
	for _, t := range tasks {
		p.add(t.Name, t.Do, t.Commands...)
	}
}

// planOf are the steps in order.
func planOf(r *Rehearsal) []plannedStep {
	u, p, loaded := r.Upgrade, &planner{r: r}, r.Load.Rate > 0
	p.add("make sessions at blue", func(ctx context.Context) error {
		if err := r.makeBefore(ctx); err != nil {
			return err
		}
		return makeClients(ctx, r)
	})
	p.tasks(u.Prepare)
	p.when(u.Changed, "ask blue what its changed rows have left", func(ctx context.Context) error {
		return excuse(ctx, r)
	})
	if r.Control && u.Restart != nil {
		p.add("restart blue, as a control", u.Restart)
		p.add("ask blue after its restart", func(ctx context.Context) error { return r.askAll(ctx, AfterRestart) })
	}
	p.when(u.Preflight != nil, "count the rows that the migration rejects, changes or drops", r.preflight)
	p.when(loaded, loadStep, r.loadOn)
	switch strategyOf(r) {
	case BlueGreen:
		p.add(matrixBlueStep, func(ctx context.Context) error { return matrixAtBlue(ctx, r) })
		p.when(u.Witness != nil, "watch the rows of blue's tokens", func(ctx context.Context) error {
			return witness(ctx, r)
		})
		p.add(CopyStep, r.copy, u.CopyCommands...)
		p.add("revoke, refresh and issue at blue, journalled", func(ctx context.Context) error {
			return actInWindow(ctx, r)
		})
		p.tasks(u.Migrate)
		p.when(u.Examine != nil, "count the rows that the migration has left wrong", r.examine)
		p.add("start green", r.startGreen)
		p.add(matrixGreenStep, func(ctx context.Context) error { return matrixAtGreen(ctx, r) })
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
		p.tasks(u.Migrate)
		p.add("issue at blue on the migrated database", func(ctx context.Context) error { return issueLate(ctx, r) })
		p.add(StopStep, u.StopBlue)
		p.when(u.Examine != nil, "count the rows that the migration and blue have left wrong", r.examine)
		p.add("start green", r.startGreen)
		p.add(SwitchStep, r.over)
	case Rolling:
		p.when(u.Twin != nil, "end things at blue, ask a second instance of it, as a control",
			func(ctx context.Context) error { return u.Twin(ctx, r.Blue) })
		p.tasks(u.Migrate)
		p.add("start green beside blue", r.startGreen)
		p.when(u.Together != nil, "end things at blue and at green, ask the other", func(ctx context.Context) error {
			return together(ctx, r)
		})
		p.add("issue at blue on the migrated database", func(ctx context.Context) error { return issueLate(ctx, r) })
		p.add(SwitchStep, r.over)
		p.add(StopStep, u.StopBlue)
		p.when(u.Examine != nil, "count the rows that the migration and blue have left wrong", r.examine)
	case StopTheWorld:
		p.add(StopStep, u.StopBlue)
		p.tasks(u.Migrate)
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
	for _, q := range u.Inquiries {
		p.add(q.Name, unlessBack(r, func(ctx context.Context) error { return inquire(ctx, r, q) }))
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
	err := r.Upgrade.Copy(ctx)
	r.copied = clockOf(r)
	return err
}

func (r *Rehearsal) startGreen(ctx context.Context) error {
	green, err := r.Upgrade.Start(ctx)
	r.green = patiently(green)
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

// issueLate makes grants at blue when its database has been migrated under it, as it does in production
// until its last instance ends: they must be good at green.
func issueLate(ctx context.Context, r *Rehearsal) error {
	failed := 0
	var first error
	for range r.Twins {
		s, err := r.make(ctx, kept, r.client, r.phase.get())
		if err != nil {
			if failed++; first == nil {
				first = err
			}
			continue
		}
		s.Asks = []Phase{AfterSwitch}
	}
	if failed > 0 && ctx.Err() == nil {
		r.found = append(r.found, Finding{Name: FoundBroken, Of: r.Twins, Wrong: failed,
			Text: fmt.Sprintf("%d of %d grants fail at the old version once its database is migrated: %s", failed,
				r.Twins, Brief(first)),
			Cure: "stop the old version before you migrate its database, or go blue-green"})
	}
	return ctx.Err()
}

// together finds out what blue and green heed of each other.
func together(ctx context.Context, r *Rehearsal) error {
	return inquire(ctx, r, Inquiry{Do: func(ctx context.Context, green Side) ([]Finding, error) {
		return r.Upgrade.Together(ctx, r.Blue, green)
	}})
}

// inquire keeps what an inquiry finds.
func inquire(ctx context.Context, r *Rehearsal, q Inquiry) error {
	found, err := q.Do(ctx, r.green)
	r.found = append(r.found, found...)
	return err
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
	if r.matrix != nil {
		if err := r.matrix.make(ctx, r.green, Pairs()[4]); err != nil {
			return err
		}
	}
	old, stop, err := r.Upgrade.WayBack(ctx)
	old = patiently(old)
	if refused := (*NotStarted)(nil); errors.As(err, &refused) {
		found("it does not start", 1, 1)
		if r.matrix != nil {
			r.matrix.notStarted()
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop(context.WithoutCancel(ctx))) }()
	if r.matrix != nil {
		if err := r.matrix.ask(ctx, old, Pairs()[4]); err != nil {
			return err
		}
	}
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
		return nil
	}
	r.found = append(r.found, Finding{Name: FoundWayBack, Of: of, Note: true,
		Text: fmt.Sprintf("the old version starts on green's database and takes %d of %d tokens that green "+
			"has issued: "+
			"going back needs no other database", of, of)})
	return thingsBack(ctx, r, old)
}

// thingsBack finds out what the old version takes on green's database of the things that green keeps
// beside tokens. What a restart of it loses as well is not told.
func thingsBack(ctx context.Context, r *Rehearsal, old Side) error {
	lines := r.ledger.Lines()
	for _, p := range r.green.Probes() {
		restart := &judge{lines: lines}
		if _, lost := restart.count(AfterRestart, func(l Line) bool { return l.Kind == p.Kind }); lost > 0 {
			continue
		}
		of, wrong := 0, 0
		for range r.Twins {
			made, err := p.Make(ctx, newSubject(r, "going back, "+string(p.Kind)))
			if errors.Is(err, errors.ErrUnsupported) {
				break
			}
			if err != nil {
				return fmt.Errorf("make %s: %w", p.Kind, err)
			}
			for _, q := range old.Probes() {
				if q.Kind != p.Kind {
					continue
				}
				good, err := q.Ask(ctx, made)
				if err != nil {
					return fmt.Errorf("ask about %s: %w", p.Kind, err)
				}
				if of++; !good {
					wrong++
				}
			}
		}
		if wrong > 0 {
			r.found = append(r.found, Finding{Name: FoundLostBack + string(p.Kind), Of: of, Wrong: wrong, Note: true,
				Text: fmt.Sprintf("%d of %d: %s, made at green, is not good at the old version after going back", wrong,
					of, p.Kind),
				Cure: p.Lost})
		}
	}
	return nil
}
