package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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
func (m MatrixReport) Wrong() bool {
	pairs := upgrade.Pairs()
	return slices.ContainsFunc(m.Rows, func(r upgrade.Row) bool {
		for _, pair := range pairs {
			if r.Answers[pair] == upgrade.Amiss {
				return true
			}
		}
		return r.Answers[pairs[1]] == upgrade.Refused && r.Answers[pairs[0]] == upgrade.Works
	})
}

// Write writes the matrix, for programs or for people.
func (m MatrixReport) Write(w io.Writer, format Format) error {
	if format == JSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(m)
	}
	fmt.Fprintf(w, "old: %s\nnew: %s, on a migrated copy of old's database\n\n", plaintext.Line(m.From),
		plaintext.Line(m.To))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "made by\told\told\tnew\tnew\tnew")
	fmt.Fprintln(t, "asked at\told\tnew\tnew\told\told, on new's data")
	for _, row := range m.Rows {
		fmt.Fprint(t, plaintext.Line(row.Question))
		for _, pair := range upgrade.Pairs() {
			fmt.Fprintf(t, "\t%s", row.Answers[pair])
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}
