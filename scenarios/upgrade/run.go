package upgrade

import (
	"context"
	"errors"
	"fmt"
)

// Run does the whole rehearsal, or what a Memory has left of it. An error means that a step
// could not be done; what was done wrong, and a migration that fails, is in the findings.
func (r *Rehearsal) Run(ctx context.Context) (Result, error) {
	defer endLoad(r)
	plan := planOf(r)
	if r.loaded {
		r.startLoad(ctx)
	}
	for i, step := range plan {
		if i < len(r.steps) {
			continue // a run before this one has done it
		}
		if r.Say != nil {
			r.Say(step.name)
		}
		before := r.questions
		begun := clockOf(r)
		err := step.do(ctx)
		r.steps = append(r.steps, Step{Name: step.name, Began: begun, Took: clockOf(r).Sub(begun),
			Asked: r.questions - before})
		if err == nil && r.Save != nil {
			err = r.Save(memoryOf(r))
		}
		if f, rows := ofRows(err); rows && ctx.Err() == nil {
			r.found = append(r.found, f)
			result := resultOf(r)
			result.Failed = step.name
			return result, nil
		}
		if err != nil {
			result := resultOf(r)
			result.Failed = step.name
			return result, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return resultOf(r), nil
}

// ofRows is what a step has found that failed for the rows of a database, and tells whether it did.
func ofRows(err error) (f Finding, rows bool) {
	var migration errMigration
	var copied *RowsRefused
	switch {
	case errors.As(err, &migration):
		return Finding{Name: FoundMigration, Of: 1, Wrong: 1, Text: Brief(migration),
			Cure: "correct the rows that the pre-flight names with --before-migrate FILE.sql; " +
				"the next run of the migration goes on where this one stopped"}, true
	case errors.As(err, &copied):
		return Finding{Name: FoundNoCopy, Of: 1, Wrong: 1, Text: Brief(copied),
			Cure: "rows that break a constraint cannot be restored from statements: correct them at the source, or " +
				"copy its files"}, true
	}
	return Finding{}, false
}

func resultOf(r *Rehearsal) Result {
	endLoad(r)
	lines := r.ledger.Lines()
	found := append(Findings(lines, probesOf(r)), ofChecks(r.examined)...)
	found = append(found, r.found...)
	if r.Upgrade.CatchUp != nil && !r.wentBack {
		judgeCatchUp(found)
	}
	result := Result{
		Strategy: strategyOf(r), Steps: r.steps, Captured: r.replay.captured, Replayed: r.replay.replayed,
		Lines: lines, Source: r.checks, Migrated: r.examined, CaughtUp: r.caughtUp,
		Witnessed: r.witnessed,
	}
	result.Journalled, result.ReplayedAt = r.Journal.Times()
	if len(r.watch) > 0 {
		traffic := newTraffic(r.watch, r.steps)
		result.Traffic, result.Changes = &traffic, changes(r.watch, r.steps, r.readings)
		if !r.wentBack { // what failed is why it went back
			found = append(found, traffic.findings(strategyOf(r))...)
		}
	}
	result.Findings = sortFindings(found)
	return result
}
