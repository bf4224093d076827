package page

import (
	"cmp"
	"io"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/search"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// searchPage is report.html of a search for capacity.
type searchPage struct {
	page
	Found  []search.Fact
	Said   []searchSaid
	Timed  []string
	Search []search.Row
}

// searchSaid is what is said of one side.
type searchSaid struct {
	Role, Name string
	Words      []string
}

// WriteSearch writes the page of a search for capacity.
func WriteSearch(w io.Writer, s *search.Search) error {
	p := searchPage{page: page{
		Title: s.Headline(), Class: pageClass(s.Decision), State: s.State(), Word: s.Word(), Subject: s.Subject(),
		Sentence: s.Sentence(), Reasons: s.Reasons, Extent: s.Extent(), Compared: s.Compared(),
		Steps: search.Steps(s), Tool: plaintext.Line(s.Run.Tool),
		Started: when(s.Run.Started), Method: s.Method(), Repeats: []pageRepeat{repeatOf(s.Run)},
		Machines: []pageMachine{{Facts: machine(s.Run.Environment)}},
	}, Timed: s.TimedNames(), Search: s.Rows()}
	for _, f := range s.Facts() {
		for i, v := range f.Values {
			f.Values[i] = cmp.Or(v, units.None)
		}
		p.Found = append(p.Found, f)
	}
	for i, side := range s.Sides {
		name := plaintext.Line(side.Deployment)
		label := name
		if s.Compared() {
			label = string(side.Role)
		}
		p.Sides = append(p.Sides, pageSide{string(side.Role), name, label})
		p.Said = append(p.Said, searchSaid{string(side.Role), name, s.Statements(i)})
	}
	for _, why := range s.Run.Warnings {
		p.Notes = append(p.Notes, plaintext.Line(why))
	}
	p.Notes = append(p.Notes, search.Checked(s)...)
	p.addFacts(search.Sided(s))
	p.addFigures(plot.SearchFigures(s, plot.Wide), plot.SearchFigures(s, plot.Narrow))
	p.LeadTitle, p.Lead, p.Figures = "Where the knee is", append(p.Lead, p.Figures...), nil
	return p.write(w, "search.gohtml", &p)
}
