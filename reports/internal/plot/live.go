package plot

import (
	"encoding/json"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/reports/internal/summary"
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
}

// Charts returns the charts of the trials so far as JSON for the live page. There is no
// verdict among them: decisions are made at planned looks, not whenever somebody looks.
func (l *Live) Charts(run *bench.Run) ([]byte, error) {
	if l.known == nil {
		l.known = map[*bench.Histogram][]time.Duration{}
	}
	figures := []liveFigure{}
	s := summary.OfAudited(summary.Report{Run: run}, nil, l.known)
	for _, draw := range livePlots {
		for _, f := range draw(s, Wide) {
			if cs := f.Charts(); len(cs) > 0 {
				half := strings.HasPrefix(f.Name, "percentiles-")
				figures = append(figures, liveFigure{f.Name, f.Title, f.Caption, f.Columns, half, f.ChartHeight(), cs})
			}
		}
	}
	return json.Marshal(figures)
}
