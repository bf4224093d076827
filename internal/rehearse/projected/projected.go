// Package projected takes the accounts of one migration at several sizes to the rows of a
// production database, table by table, and holds totals that others have published against them.
package projected

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/oauthbench/oauthbench/bench/projection"
	"github.com/oauthbench/oauthbench/internal/digits"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
)

// Projection is what the migration is expected to take in production.
type Projection struct {
	Sizes     []Size   `json:"sizes"` // that were measured, in order
	Tables    []Table  `json:"tables"`
	Total     Costs    `json:"total"`
	Untouched []string `json:"untouched,omitempty"` // given, and not touched by the migration, or not there
	Missing   []string `json:"missing,omitempty"`   // touched, and not given: not in the total
	Beyond    float64  `json:"beyond"`              // how often the largest size measured is in what was given
}

// Size is one that was measured.
type Size struct {
	Rows int64         `json:"rows"` // of all tables that were touched
	Took time.Duration `json:"took_ns"`
}

// Costs are what a migration takes.
type Costs struct {
	Seconds   projection.Estimate `json:"seconds"`
	Inserted  projection.Estimate `json:"inserted"`
	Updated   projection.Estimate `json:"updated"`
	WALBytes  projection.Estimate `json:"wal_bytes"`
	TempBytes projection.Estimate `json:"temp_bytes"`
}

// Table is what the statements on one table take.
type Table struct {
	Name string  `json:"name"`         // "" for what belongs to no table: starts, commits, checks
	By   string  `json:"by,omitempty"` // the table whose rows decide, when the migration makes this one
	Rows float64 `json:"rows"`         // in production
	Costs
	Bends []string `json:"bends,omitempty"` // costs that grew faster than the rows
}

// plus adds two parts that may be wrong in one direction.
func (c Costs) plus(o Costs) Costs {
	return Costs{c.Seconds.Plus(o.Seconds), c.Inserted.Plus(o.Inserted), c.Updated.Plus(o.Updated),
		c.WALBytes.Plus(o.WALBytes), c.TempBytes.Plus(o.TempBytes)}
}

// spent is what one account says of one table, by what sorts and what does not.
type spent struct {
	rows                                     float64
	plain, sorting                           float64 // seconds
	inserted, updated, walBytes, temporaries float64
}

// Of projects accounts of one migration, of at least three sizes. made names for a table that the
// migration makes the one whose rows become its own.
func Of(accounts []*account.Account, made map[string]string, counts Counts) (*Projection, error) {
	accounts = slices.Clone(accounts)
	slices.SortFunc(accounts, func(a, b *account.Account) int { return cmp.Compare(rowsOf(a), rowsOf(b)) })
	if len(accounts) < projection.Fewest {
		return nil, fmt.Errorf("%s: at least %d are needed", digits.Count(len(accounts), "size"), projection.Fewest)
	}
	p := &Projection{}
	tables := map[string][]spent{}
	for i, a := range accounts {
		p.Sizes = append(p.Sizes, Size{rowsOf(a), a.Took})
		for name, s := range spentOf(a, made) {
			if tables[name] == nil {
				tables[name] = make([]spent, len(accounts))
			}
			tables[name][i] = s
		}
	}
	touched := map[string]bool{}
	var given float64
	for name, sizes := range tables {
		by := cmp.Or(made[name], name)
		touched[by] = true
		rows, known := counts[by]
		if name == "" {
			continue
		}
		if !known {
			if sizes[len(sizes)-1].updated+sizes[len(sizes)-1].inserted > 0 && growing(sizes) {
				p.Missing = append(p.Missing, by)
			}
			continue
		}
		t := project(sizes, rows)
		t.Name, t.Rows = name, rows
		if by != name {
			t.By = by
		}
		p.Tables = append(p.Tables, t)
		if largest := sizes[len(sizes)-1].rows; growing(sizes) {
			p.Beyond = max(p.Beyond, rows/largest)
		}
	}
	for by := range touched {
		given += counts[by]
	}
	// What belongs to no table grows with all of them.
	rest := project(tables[""], given)
	rest.Rows = given
	p.Tables = append(p.Tables, rest)
	slices.SortFunc(p.Tables, func(a, b Table) int {
		return cmp.Or(cmp.Compare(b.Seconds.Mean, a.Seconds.Mean), cmp.Compare(a.Name, b.Name))
	})
	for _, t := range p.Tables {
		p.Total = p.Total.plus(t.Costs)
	}
	for name := range counts {
		if !touched[name] {
			p.Untouched = append(p.Untouched, name)
		}
	}
	slices.Sort(p.Untouched)
	slices.Sort(p.Missing)
	p.Missing = slices.Compact(p.Missing)
	return p, nil
}

// growing tells a table of grants and tokens from one that is of one size always.
func growing(sizes []spent) bool { return sizes[len(sizes)-1].rows > 2*sizes[0].rows }

func rowsOf(a *account.Account) (all int64) {
	for _, t := range a.Tables {
		all += t.Rows
	}
	return all
}

// spentOf is what an account says of each table, and under "" of none.
func spentOf(a *account.Account, made map[string]string) map[string]spent {
	all := map[string]spent{}
	rows := map[string]float64{}
	for _, t := range a.Tables {
		rows[t.Name] = float64(t.Rows)
		s := all[t.Name]
		s.inserted, s.updated = float64(t.Inserted), float64(t.Updated)
		all[t.Name] = s
	}
	rest := a.Took
	for _, st := range a.Statements {
		s := all[st.Table]
		if account.Indexing(st.Text) {
			s.sorting += st.Took.Seconds()
		} else {
			s.plain += st.Took.Seconds()
		}
		s.walBytes, s.temporaries = s.walBytes+float64(st.WALBytes), s.temporaries+float64(st.TempBytes)
		all[st.Table] = s
		rest -= st.Took
	}
	none := all[""]
	none.plain += max(0, rest).Seconds()
	all[""] = none
	for name, s := range all {
		s.rows = rows[cmp.Or(made[name], name)]
		if name == "" {
			s.rows = float64(rowsOf(a))
		}
		all[name] = s
	}
	return all
}

// project fits each cost of a table, and tells what it comes to at so many rows.
func project(sizes []spent, rows float64) (t Table) {
	at := func(what string, law projection.Law, of func(spent) float64) projection.Estimate {
		var points []projection.Point
		for _, s := range sizes {
			points = append(points, projection.Point{Rows: s.rows, Cost: of(s)})
		}
		f, failed := projection.New(law, points)
		if failed != nil {
			// A table of one size always, such as that of the migrations, costs what it costs.
			last := points[len(points)-1].Cost
			return projection.Estimate{Low: last, Mean: last, High: last}
		}
		if f.Bends {
			t.Bends = append(t.Bends, what)
		}
		return f.At(rows)
	}
	t.Seconds = at("time", projection.Linear, func(s spent) float64 { return s.plain }).
		Plus(at("time of indexes", projection.Sorting, func(s spent) float64 { return s.sorting }))
	t.Inserted = at("inserted", projection.Linear, func(s spent) float64 { return s.inserted })
	t.Updated = at("updated", projection.Linear, func(s spent) float64 { return s.updated })
	t.WALBytes = at("WAL", projection.Linear, func(s spent) float64 { return s.walBytes })
	t.TempBytes = at("temporary", projection.Spilling, func(s spent) float64 { return s.temporaries })
	return t
}
