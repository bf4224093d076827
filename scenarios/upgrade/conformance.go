package upgrade

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The steps of the matrix within a rehearsal.
const (
	matrixBlueStep  = "ask blue what it does with its own, for the matrix"
	matrixGreenStep = "ask each version about what the other has made"
)

// matrixAtBlue makes what green will be asked about right before the copy, as a code lives for minutes, and asks
// blue about its own, as a control.
func matrixAtBlue(ctx context.Context, r *Rehearsal) error {
	r.matrix = newAsking(r.Blue)
	pairs := Pairs()
	if err := r.matrix.make(ctx, r.Blue, pairs[:2]...); err != nil {
		return err
	}
	return r.matrix.ask(ctx, r.Blue, pairs[0])
}

// matrixAtGreen asks both about what the other has made, before any traffic moves, and green about its own.
func matrixAtGreen(ctx context.Context, r *Rehearsal) error {
	pairs := Pairs()
	return errors.Join(r.matrix.make(ctx, r.green, pairs[2:4]...), r.matrix.ask(ctx, r.green, pairs[1]),
		r.matrix.ask(ctx, r.green, pairs[2]), r.matrix.ask(ctx, r.Blue, pairs[3]))
}

// FoundNotItself says that green does not do by itself what blue does by itself.
const FoundNotItself = "green fails by itself"

// conformance finds what green does not do with what it has made itself, though blue does. Where something else
// stands against the upgrade, that is very likely the cause, and this a note.
func (m *asking) conformance(minor map[string]bool, others bool) (found []Finding) {
	if m == nil {
		return nil
	}
	pairs := Pairs()
	for _, slight := range []bool{false, true} {
		var bad []string
		of := 0
		for _, row := range m.rows {
			own := row.Answers[pairs[2]]
			if minor[row.Question] != slight || row.Answers[pairs[0]] != Works || own == Missing {
				continue
			}
			of++
			if own != Works {
				bad = append(bad, fmt.Sprintf("%s (%s)", row.Question, own))
			}
		}
		if len(bad) > 0 {
			found = append(found, Finding{Name: FoundNotItself, Of: of, Wrong: len(bad), Note: slight || others,
				Text: "green does not do with what it has made itself what blue does: " + strings.Join(bad, ", "),
				Cure: "look at green's settings, and at what its release notes say of these, before any traffic moves"})
		}
	}
	return found
}
