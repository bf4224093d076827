package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// MatrixReport is what each version does with what the other has made.
type MatrixReport struct {
	From string        `json:"from"`
	To   string        `json:"to"`
	Rows []upgrade.Row `json:"rows"`
}

// Matrix starts both versions, the newer on a migrated copy, and asks each about what the
// other has made. All that it makes is removed before it returns.
func Matrix(ctx context.Context, o Options) (m MatrixReport, err error) {
	m.From, m.To = shown(o.From), shown(o.To)
	w, err := newWorld(o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	steps, err := w.steps(&Report{})
	if err != nil {
		return m, err
	}
	blue, _, err := w.begin(ctx, "")
	if err != nil {
		return m, err
	}
	m.Rows, err = upgrade.Matrix(ctx, blue, steps, o.Say)
	return m, err
}

// Wrong tells whether a version says that it has done what it has not, or green refuses
// what it takes of its own. The older one is not held to what the newer makes.
func (m MatrixReport) Wrong() bool { return len(m.wrong()) > 0 }

// wrong are the questions for which Wrong is true.
func (m MatrixReport) wrong() []string {
	pairs := upgrade.Pairs()
	var questions []string
	for _, r := range m.Rows {
		amiss := slices.ContainsFunc(pairs, func(p upgrade.Pair) bool { return r.Answers[p] == upgrade.Amiss })
		if amiss || r.Answers[pairs[1]] == upgrade.Refused && r.Answers[pairs[0]] == upgrade.Works {
			questions = append(questions, plaintext.Line(r.Question))
		}
	}
	return questions
}

// Write writes the matrix, for programs or for people.
func (m MatrixReport) Write(w io.Writer, format Format) error {
	if format == JSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(m)
	}
	old, new := plaintext.Line(m.From), plaintext.Line(m.To)
	if wrong := m.wrong(); len(wrong) > 0 {
		wrap(w, failed+"  ", fmt.Sprintf("%s does not take what %s made: %s", new, old, strings.Join(wrong, "; ")))
	} else {
		wrap(w, passed+"  ", fmt.Sprintf("%s takes all that %s made", new, old))
	}
	fmt.Fprintf(w, "old: %s\nnew: %s, on a migrated copy of old's database\n\n", old, new)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	writeMatrix(t, m.Rows)
	return t.Flush()
}

// writeMatrix writes a line for each question, with tabs between its cells.
func writeMatrix(t io.Writer, rows []upgrade.Row) {
	fmt.Fprintln(t, "made by\told\told\tnew\tnew\tnew")
	fmt.Fprintln(t, "asked at\told\tnew\tnew\told\told, on")
	fmt.Fprintln(t, "\t\t\t\t\tnew's data")
	for _, row := range rows {
		fmt.Fprint(t, plaintext.Line(row.Question))
		for _, cell := range row.Cells {
			fmt.Fprintf(t, "\t%s", cell.Answer)
		}
		fmt.Fprintln(t)
	}
}
