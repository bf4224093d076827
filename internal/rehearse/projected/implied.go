package projected

import (
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
)

// Implied is what published totals of a migration would say of the database that was migrated, by
// what each row costs here.
type Implied struct {
	census.Published
	Made    string  `json:"made"`    // the table that the migration makes
	Rows    float64 `json:"rows"`    // of it; the published totals would need so many
	Carried float64 `json:"carried"` // rows of other tables, likewise
	// Costs of one row here: a row that is made updates and inserts so many, and so does one that
	// is carried over; inserts contain those of the copy.
	MadeUpdates    float64 `json:"made_updates"`
	MadeInserts    float64 `json:"made_inserts"`
	CarriedUpdates float64 `json:"carried_updates"`
	// Rates of updated rows a second, published and here.
	TheirRate float64 `json:"their_rate"`
	OurRate   float64 `json:"our_rate"`
	// TempPerRow are temporary bytes for each row that is made, theirs and here.
	TheirTemp float64 `json:"their_temp"`
	OurTemp   float64 `json:"our_temp"`
}

// Would is how long their updates would take at the rate seen here.
func (i Implied) Would() time.Duration {
	return time.Duration(i.Updated / i.OurRate * float64(time.Second))
}

// fewestMade is how many rows a migration must make for a row's cost to be told.
const fewestMade = 100

// Hold holds published totals against an account. A copy is loaded before it is migrated, and the
// database counts that as inserts. nil when the migration makes no table of rows out of others, and
// when no numbers of rows above 0 have such totals: they are of another migration.
func Hold(a *account.Account, p census.Published) *Implied {
	var made account.Table
	var vanished, carried, carriedUpdates float64
	for _, t := range a.Tables {
		switch {
		case t.Before == 0 && t.Inserted > made.Inserted:
			made = t
		case t.After == 0:
			vanished += float64(t.Rows)
		}
	}
	for _, t := range a.Tables {
		if t.Before > 0 && t.After > 0 && t.Rows > 0 && t.Updated > 0 {
			carried, carriedUpdates = carried+float64(t.Rows), carriedUpdates+float64(t.Updated)
		}
	}
	n := float64(made.Inserted)
	if n < fewestMade || vanished == 0 || carried == 0 || a.Took <= 0 {
		return nil
	}
	i := &Implied{Published: p, Made: made.Name, MadeUpdates: float64(made.Updated) / n, MadeInserts: 1 + vanished/n,
		CarriedUpdates: carriedUpdates / carried}
	// inserted = MadeInserts × rows + carried; updated = MadeUpdates × rows + CarriedUpdates × carried.
	det := i.MadeUpdates - i.CarriedUpdates*i.MadeInserts
	if det == 0 {
		return nil
	}
	i.Rows = (p.Updated - i.CarriedUpdates*p.Inserted) / det
	if i.Carried = p.Inserted - i.MadeInserts*i.Rows; !(i.Rows > 0 && i.Carried > 0) {
		return nil
	}
	_, updated, _ := a.Totals()
	i.TheirRate, i.OurRate = p.Updated/p.Took.Seconds(), float64(updated)/a.Took.Seconds()
	i.OurTemp, i.TheirTemp = float64(a.TempBytes)/n, p.TempBytes/i.Rows
	return i
}
