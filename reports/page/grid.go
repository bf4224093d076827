package page

import (
	"io"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/plot"
	"github.com/oauthbench/oauthbench/reports/internal/varied"
)

// gridPage is report.html of a grid.
type gridPage struct {
	page
	Columns []varied.Column
	Rows    []gridRow
	Said    []string
	Doubts  []string
}

// gridRow is one row of the table, with the folder of its cell's own report.
type gridRow struct {
	varied.Row
	Folder string
	Span   int // Span is how many columns its reason takes, when it has no figures.
}

// WriteGrid writes the page of a grid.
func WriteGrid(w io.Writer, v *varied.Varied) error {
	p := gridPage{page: page{
		Title: v.Headline(), Class: pageClass(v.Decision()), Word: strings.ToUpper(string(v.Decision())),
		Subject: v.Subject(), Sentence: v.Sentence(), Reasons: v.Reasons(), Steps: v.Steps(),
		Tool:    plaintext.Line(v.Tool),
		Started: when(v.Started),
		Repeats: []pageRepeat{{Command: plaintext.Shell(v.Command), Seed: strconv.FormatUint(v.Seed, 10)}},
	}, Columns: v.Columns(), Said: v.Statements(), Doubts: v.Doubts()}
	if v.Environment != nil {
		p.Machines = []pageMachine{{Facts: machine(*v.Environment)}}
	}
	for _, r := range v.Rows() {
		folder := v.Folders[r.Cell]
		if r.Missing != "" {
			folder = ""
		}
		p.Rows = append(p.Rows, gridRow{r, folder, len(p.Columns) - len(r.Values)})
	}
	p.addFigures(plot.GridFigures(v, plot.Wide), plot.GridFigures(v, plot.Narrow))
	return p.write(w, "grid.gohtml", &p)
}
