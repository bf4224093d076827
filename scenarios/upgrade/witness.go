package upgrade

import (
	"context"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// Witness watches the rows of blue's database in which tokens are, beside the journal at the front.
// It sees what no request tells: chains that are killed because a refresh token was used twice, and
// what came around the front. What was asked and did nothing it does not see.
type Witness struct {
	// Begin begins to watch, End removes all that was made for it, from blue.
	Begin, End func(ctx context.Context) error
	// Changes are those since Begin, in order.
	Changes func(ctx context.Context) ([]RowChange, error)
	// Marks are what rows may know a token by.
	Marks func(token string) []string
	// Replay does at green what rows have told of blue. Repeated, it does nothing more.
	Replay func(ctx context.Context, end RowEnd) error
}

// RowChange is one row of a token that was made, or that ended.
type RowChange struct {
	Transaction int64
	At          time.Time
	Made        bool   // a refresh token was made; otherwise a token ended
	Mark        string // by which the row knows its token
	Grant       string // "" for none
	Client      string
	Subject     string
}

// RowEnd is one end of a grant, or of its tokens, as rows tell it.
type RowEnd struct {
	Grant   string
	Client  string
	Subject string
	Marks   []string  // of the tokens that ended
	Rotated bool      // others came in their place
	At      time.Time // of its first change
}

// Witnessed says what the journal at the front and the rows of blue's database have of the same time.
type Witnessed struct {
	Rotated     int `json:"rotated"`      // ends that rows tell, with successors
	Ended       int `json:"ended"`        // and without
	Both        int `json:"both"`         // of these, asked for in the journal
	RowsOnly    int `json:"rows_only"`    // in no entry: they are replayed by the rows
	Entries     int `json:"entries"`      // that the journal has of the time
	JournalOnly int `json:"journal_only"` // of these, that changed no row
}

// endsOf makes ends of changes. A refresh token that ends in the transaction in which another of its
// grant is made was exchanged; a server may take several transactions to end a grant.
func endsOf(changes []RowChange) (all []RowEnd) {
	type place struct {
		transaction int64
		grant       string
	}
	successors := map[place]bool{}
	for _, c := range changes {
		if c.Made {
			successors[place{c.Transaction, c.Grant}] = true
		}
	}
	last := map[string]int{} // end of each grant
	var in []int64           // transaction of each end
	for _, c := range changes {
		if c.Made {
			continue
		}
		rotated := c.Grant != "" && successors[place{c.Transaction, c.Grant}]
		i, goesOn := last[c.Grant]
		goesOn = goesOn && c.Grant != "" && all[i].Rotated == rotated && (!rotated || in[i] == c.Transaction)
		if !goesOn {
			i = len(all)
			last[c.Grant] = i
			all = append(all, RowEnd{Grant: c.Grant, Client: c.Client, Subject: c.Subject, Rotated: rotated,
				At: c.At})
			in = append(in, c.Transaction)
		}
		all[i].Marks = append(all[i].Marks, c.Mark)
	}
	return all
}

// underTheCopy are the ends that began before the copy had ended: of one that took several transactions it may
// have the first, after which a replay by its token finds a token that has ended, and nothing to do. Exchanges
// are one transaction.
func underTheCopy(ends []RowEnd, copied time.Time) (all []RowEnd) {
	for _, end := range ends {
		if !end.Rotated && end.At.Before(copied) {
			all = append(all, end)
		}
	}
	return all
}

// compared sets what rows tell against the journal, and gives what that does not have. Entries from
// before since may have done what rows tell, and are not missed where they do not tell it.
func compared(ends []RowEnd, entries []journal.Entry, since time.Time, marks func(string) []string) (w Witnessed,
	missed []RowEnd) {
	asked, clients, subjects := map[string]int{}, map[string]int{}, map[string]int{}
	for i, e := range entries {
		for _, mark := range marks(e.Token) {
			asked[mark] = i
		}
		switch e.Act {
		case journal.DeleteClient:
			clients[e.Client] = i
		case journal.RevokeConsent:
			subjects[e.Subject] = i
		}
	}
	told := map[int]bool{}
	for _, end := range ends {
		var by []int
		for _, mark := range end.Marks {
			if i, there := asked[mark]; there {
				by = append(by, i)
			}
		}
		if i, there := clients[end.Client]; there && !end.Rotated {
			by = append(by, i)
		}
		if i, there := subjects[end.Subject]; there && !end.Rotated {
			by = append(by, i)
		}
		if end.Rotated {
			w.Rotated++
		} else {
			w.Ended++
		}
		if len(by) == 0 {
			w.RowsOnly++
			missed = append(missed, end)
			continue
		}
		w.Both++
		for _, i := range by {
			told[i] = true
		}
	}
	for i, e := range entries {
		if e.At.Before(since) || e.Act == journal.SetSecret || e.Act == journal.SetRight { // which no token's row tells
			continue
		}
		w.Entries++
		if !told[i] {
			w.JournalOnly++
		}
	}
	return w, missed
}
