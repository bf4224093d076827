package plot

import (
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// kinds are the kinds of pictures there are, in the order of the page. Each returns
// no figure when the run has no data for it.
var kinds = []func(*summary.Summary, size) []Figure{
	percentileFigures,
	ratioFigure,
	versionsFigure,
	timelineFigure,
	pathFigure,
	pairsFigure,
	interferenceFigure,
	usageFigure,
}

// Pictures are those of one run. What was drawn is remembered: files and page show the same.
type Pictures struct {
	Summary *summary.Summary
	drawn   map[size][]Figure
}

func Draw(s *summary.Summary) *Pictures { return &Pictures{s, map[size][]Figure{}} }

// Of are all pictures for one size of paper.
func (p *Pictures) Of(sz size) []Figure {
	if all, drawn := p.drawn[sz]; drawn {
		return all
	}
	s := p.Summary
	var all []Figure
	for _, draw := range kinds {
		all = append(all, draw(s, sz)...)
	}
	for i := range all {
		if len(s.Contradictions) > 0 {
			all[i].Caption = s.Word() + ": " + s.Sentence() + " " + all[i].Caption
		}
	}
	p.drawn[sz] = all
	return all
}
