package plot

import (
	"encoding/json"
	"strings"
	"time"

	"oauthbench/bench"
)

// Live makes the charts of a run under way. It remembers what it has read of trials, so
// that a chart costs little more than its newest trial. The zero value is ready; not
// safe for concurrent use.
type Live struct {
	known map[*bench.Histogram][]time.Duration
}

// livePlots are those of plots that have charts and need no verdict.
var livePlots = []func(*summary, size) []figure{
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
	Charts  []*chart `json:"charts"`
}

// Charts returns the charts of the trials so far as JSON for the live page. There is no
// verdict among them: decisions are made at planned looks, not whenever somebody looks.
func (l *Live) Charts(run *bench.Run) ([]byte, error) {
	if l.known == nil {
		l.known = map[*bench.Histogram][]time.Duration{}
	}
	figures := []liveFigure{}
	s := summarizeAudited(Report{Run: run}, nil, l.known)
	for _, draw := range livePlots {
		for _, f := range draw(s, wide) {
			if cs := f.charts(); len(cs) > 0 {
				half := strings.HasPrefix(f.name, "percentiles-")
				figures = append(figures, liveFigure{f.name, f.title, f.caption, f.columns, half, f.chartHeight(), cs})
			}
		}
	}
	return json.Marshal(figures)
}
