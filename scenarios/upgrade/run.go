package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Run does the whole rehearsal, or what a Memory has left of it. An error means that a step
// could not be done, and that nothing is found; what was done wrong, a migration that fails and a green that
// does not start are in the findings.
func (r *Rehearsal) Run(ctx context.Context) (Result, error) {
	defer endLoad(r)
	r.Blue = patiently(r.Blue)
	plan := planOf(r)
	if err := tellAgain(ctx, r); err != nil {
		return resultOf(r), err
	}
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
			// What was found until then may be of whatever ended it.
			result.Failed, result.Findings = step.name, nil
			return result, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return resultOf(r), nil
}

// ofRows is what a step has found that failed for the new version and the rows that it was given, and tells
// whether it did.
func ofRows(err error) (f Finding, rows bool) {
	var migration *MigrationFailed
	var copied *RowsRefused
	var dead *NotStarted
	switch {
	case errors.As(err, &migration):
		return Finding{Name: FoundMigration, Of: 1, Wrong: 1, Text: Brief(migration),
			Cure: "correct the rows that the pre-flight names with --before-migrate FILE.sql; " +
				"the next run of the migration goes on where this one stopped"}, true
	case errors.As(err, &copied):
		return Finding{Name: FoundNoCopy, Of: 1, Wrong: 1, Text: Brief(copied),
			Cure: "rows that break a constraint cannot be restored from statements: correct them at the source, or " +
				"copy its files"}, true
	case errors.As(err, &dead):
		return Finding{Name: FoundNoStart, Of: 1, Wrong: 1, Text: Brief(dead),
			Cure: "look at what the new version says of the migrated rows, and at its settings, which a new major " +
				"version may have renamed"}, true
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
	minor := map[string]bool{}
	for _, p := range probesOf(r) {
		minor[string(p.Kind)] = p.Minor
	}
	result := Result{
		Strategy: strategyOf(r), Steps: r.steps, Captured: r.replay.captured, Replayed: r.replay.replayed,
		Lines: lines, Source: r.checks, Migrated: r.examined, CaughtUp: r.caughtUp,
		Witnessed: r.witnessed, Matrix: r.matrix.whole(),
	}
	result.Journalled, result.ReplayedAt = r.Journal.Times()
	if len(r.watch) > 0 {
		traffic := newTraffic(r.watch, r.steps)
		result.Traffic, result.Changes = &traffic, changes(r.watch, r.steps, r.readings)
		if !r.wentBack { // what failed is why it went back
			found = append(found, traffic.findings(strategyOf(r))...)
		}
	}
	found = append(found, r.matrix.conformance(minor, slices.ContainsFunc(found, Finding.Fault))...)
	result.Findings = sortFindings(found)
	return result
}
