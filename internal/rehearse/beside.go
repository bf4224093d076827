package rehearse

import (
	"context"
	"errors"
	"fmt"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/rehearse/firststart"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/beside"
)

// mostBeside is how often each door is tried between two servers that serve at once.
const mostBeside = 3

// twin finds out what a second instance of the old version heeds of the first.
func twin(ctx context.Context, c *contained, blue upgrade.Side, report *Report) (err error) {
	second, err := c.blue.Rehearsed().Successor(ctx, c.from, c.stackOptions(), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	if err := second.Rehearsed().Launch(ctx); err != nil {
		return err
	}
	other, err := newSide(ctx, second)
	if err != nil {
		return err
	}
	report.Beside.Control, err = beside.Ask(ctx, blue, other, min(c.options.Twins, mostBeside))
	return err
}

// together finds out what the two versions heed of each other.
func together(ctx context.Context, c *contained, blue, green upgrade.Side, report *Report) ([]upgrade.Finding,
	error) {
	times := min(c.options.Twins, mostBeside)
	var err error
	if report.Beside.Forth, err = beside.Ask(ctx, blue, green, times); err != nil {
		return nil, err
	}
	if report.Beside.Back, err = beside.Ask(ctx, green, blue, times); err != nil {
		return nil, err
	}
	found := report.Beside.Findings()
	refusal, err := containers.Compatible(ctx, c.green, c.blue)
	if errors.Is(err, errors.ErrUnsupported) {
		return found, nil
	}
	if refusal != "" {
		found = append(found, upgrade.Finding{Name: "its own check refuses to roll", Of: 1, Wrong: 1, Note: true,
			Text: "asked whether it can serve beside the old version, green says: " + refusal,
			Cure: "run this check before each update: it takes seconds and no database; it says nothing of rows and " +
				"of what introspection answers"})
	}
	return found, err
}

// firstStart starts green on a copy of blue that it migrates by itself, and watches what that start
// says of itself. The copy is thrown away.
func firstStart(ctx context.Context, c *contained) (found []upgrade.Finding, err error) {
	next, err := c.blue.Rehearsed().Successor(ctx, c.to, c.stackOptions(), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, next.Close()) }()
	if err := next.Rehearsed().CopyFrom(ctx, c.blue); err != nil {
		return nil, err
	}
	up, serves := containers.Signs(next)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen := make(chan firststart.Seen, 1)
	go func() { seen <- firststart.Watch(watching, up, serves) }()
	failure := next.Rehearsed().Launch(ctx)
	stop()
	signs := <-seen
	if failure != nil {
		if ctx.Err() != nil {
			return nil, failure
		}
		return []upgrade.Finding{{Name: "green's own start fails", Of: 1, Wrong: 1, Text: upgrade.Brief(failure),
			Cure: "migrate before you start it, as this rehearsal did, or mend what its log names"}}, nil
	}
	return signs.Findings(), nil
}

// beneath finds out whether green heeds rows that are written beneath it.
func beneath(ctx context.Context, c *contained, green upgrade.Side) ([]upgrade.Finding, error) {
	client, err := green.Register(ctx)
	if err != nil {
		return nil, err
	}
	of, alive := 0, 0
	for range min(c.options.Twins, mostBeside) {
		token, err := green.IssueOwn(ctx, client)
		if err != nil {
			return nil, err
		}
		before, err := green.Active(ctx, token)
		if err == nil && before {
			err = containers.Beneath(ctx, c.green, token)
		}
		if err != nil || !before { // a dead token says nothing, and is told of elsewhere
			return nil, err
		}
		after, err := green.Active(ctx, token)
		if err != nil {
			return nil, err
		}
		if of++; after {
			alive++
		}
	}
	if alive == 0 {
		return nil, nil
	}
	return []upgrade.Finding{beneathUnseen(of, alive)}, nil
}

// beneathUnseen says that a server does not look at rows that others write.
func beneathUnseen(of, alive int) upgrade.Finding {
	return upgrade.Finding{Name: "rows written beneath green are not seen", Of: of, Wrong: alive, Note: true,
		Text: fmt.Sprintf("%d of %d tokens are active after their revocation was written into green's "+
			"database by SQL: "+
			"it reads such rows when it starts", alive, of),
		Cure: "replay revocations through green's doors (--replay api), or write rows before green starts"}
}
