package plot

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/reports/internal/search"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// Live makes the charts of a run under way. It remembers what it has read of trials, so
// that a chart costs little more than its newest trial. The zero value is ready; not
// safe for concurrent use.
type Live struct {
	known map[*bench.Histogram][]time.Duration
}

// livePlots are those of plots that have charts and need no verdict.
var livePlots = []func(*summary.Summary, size) []Figure{
	percentileFigures,
	timelineFigure,
	pairsFigure,
	interferenceFigure,
	usageFigure,
}

// liveFigure is one figure for the live page.
type liveFigure struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Caption string   `json:"caption,omitempty"`
	Columns string   `json:"columns"`
	Half    bool     `json:"half"`
	Height  int      `json:"height"`
	Charts  []*Chart `json:"charts"`
	// Said is what is known so far, "" for nothing, and Table what it rests on; both change.
	Said  []string   `json:"said,omitempty"`
	Table [][]string `json:"table,omitempty"` // the head first
}

// Charts returns the charts of the trials so far as JSON for the live page. There is no
// verdict among them: decisions are made at planned looks, not whenever somebody looks.
func (l *Live) Charts(run *bench.Run) ([]byte, error) {
	if searches.Is(run.Header) {
		return searchSoFar(run)
	}
	if l.known == nil {
		l.known = map[*bench.Histogram][]time.Duration{}
	}
	figures := []liveFigure{}
	s := summary.OfAudited(summary.Report{Run: run}, nil, l.known)
	for _, draw := range livePlots {
		for _, f := range draw(s, Wide) {
			if cs := f.Charts(); len(cs) > 0 {
				half := strings.HasPrefix(f.Name, "percentiles-")
				figures = append(figures, liveFigure{ID: f.Name, Title: f.Title, Caption: f.Caption, Columns: f.Columns,
					Half: half, Height: f.ChartHeight(), Charts: cs})
			}
		}
	}
	return json.Marshal(figures)
}

// searchSoFar is a search for capacity as it narrows: the rates that were tried, and what lies between.
func searchSoFar(run *bench.Run) ([]byte, error) {
	s, err := search.Of(run)
	if err != nil {
		return nil, err
	}
	figures := []liveFigure{{ID: "search", Title: "The search so far", Columns: "one", Charts: []*Chart{},
		Table: [][]string{{"offered", "held", "failed"}}}}
	disturbed := slices.ContainsFunc(s.Sides, func(x searches.Searched) bool {
		return slices.ContainsFunc(x.Tried(), func(t searches.Tried) bool { return t.Disturbed > 0 })
	})
	if disturbed {
		figures[0].Table[0] = append(figures[0].Table[0], "disturbed")
	}
	if s.Compared() {
		figures[0].Table[0] = append([]string{"version"}, figures[0].Table[0]...)
	}
	for i, side := range s.Sides {
		figures[0].Said = append(figures[0].Said, search.SoFar(s, i))
		for _, t := range side.Tried() {
			row := []string{units.Rate(t.Rate), strconv.Itoa(t.Held), strconv.Itoa(t.Failed)}
			if disturbed {
				row = append(row, strconv.Itoa(t.Disturbed))
			}
			if s.Compared() {
				row = append([]string{string(side.Role)}, row...)
			}
			figures[0].Table = append(figures[0].Table, row)
		}
	}
	for _, f := range SearchFigures(s, Wide) {
		if cs := f.Charts(); len(cs) > 0 {
			figures = append(figures, liveFigure{ID: f.Name, Title: f.Title, Caption: searchCaption, Columns: f.Columns,
				Height: f.ChartHeight(), Charts: cs})
		}
	}
	return json.Marshal(figures)
}

// searchCaption explains the chart of a search while it goes.
const searchCaption = "Each point is a trial, hollow where it missed a limit. Upright lines: the highest rate that " +
	"held and the lowest that failed, between which the search goes on. Level line: the limit. The lowest rate is " +
	"that of control trials."
