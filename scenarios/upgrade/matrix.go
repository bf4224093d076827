package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Answer is how a version takes what a version has made.
type Answer string

// Answers.
const (
	Works   Answer = "works"
	Refused Answer = "refused"
	Amiss   Answer = "wrong" // it says that it has done what it has not
	Missing Answer = "-"     // there is no such thing, or nobody to ask
	NoStart Answer = "does not start"
)

// Pair is who has made something, and who is asked.
type Pair struct {
	Made  Place `json:"made"`
	Asked Place `json:"asked"`
}

// OldOnNew is the old version on green's database.
const OldOnNew Place = "the old version on green's database"

// Pairs are the columns of a matrix: each version on its own first, as a control.
func Pairs() []Pair {
	return []Pair{{Blue, Blue}, {Blue, Green}, {Green, Green}, {Green, Blue}, {Green, OldOnNew}}
}

// Row is one row of a matrix: a question, and its answer by pair.
type Row struct {
	Question string          `json:"question"`
	Answers  map[Pair]Answer `json:"-"`
	Cells    []Cell          `json:"cells"`
}

// Cell is one answer, for programs.
type Cell struct {
	Pair
	Answer Answer `json:"answer"`
}

// trial is one question: made makes something for it at a side, asked asks another.
type trial struct {
	question string
	made     func(context.Context, Side) (string, Client, error)
	asked    func(context.Context, Side, Client, string) (Answer, error)
}

// answered makes of a yes or no what must be yes.
func answered(good bool, err error) (Answer, error) {
	if lostAnswer(err) {
		return Missing, nil
	}
	if err != nil {
		return Refused, nil // a server that does not answer refuses too
	}
	if good {
		return Works, nil
	}
	return Refused, nil
}

// grantOf makes a grant of a client of its own.
func grantOf(ctx context.Context, s Side, question string) (Grant, Client, error) {
	c, err := s.Register(ctx)
	if err != nil {
		return Grant{}, c, err
	}
	g, err := s.Issue(ctx, c, "user of "+question)
	return g, c, err
}

// trials are the questions about tokens.
func trials() []trial {
	token := func(question string, choose func(Grant) string) func(context.Context, Side) (string, Client, error) {
		return func(ctx context.Context, s Side) (string, Client, error) {
			g, c, err := grantOf(ctx, s, question)
			return choose(g), c, err
		}
	}
	access, refresh := func(g Grant) string { return g.Access }, func(g Grant) string { return g.Refresh }
	introspect := func(ctx context.Context, s Side, _ Client, text string) (Answer, error) {
		return answered(s.Active(ctx, text))
	}
	revoke := func(ctx context.Context, s Side, c Client, text string) (Answer, error) {
		known, err := s.Active(ctx, text)
		if err != nil || !known {
			return Refused, nil
		}
		if err := s.RevokeToken(ctx, c, text); err != nil {
			return Refused, nil
		}
		active, err := s.Active(ctx, text)
		if err == nil && active {
			return Amiss, nil
		}
		return Works, err
	}
	return []trial{
		{"introspect an access token", token("introspect access", access), introspect},
		{"introspect a refresh token", token("introspect refresh", refresh), introspect},
		{"introspect a client's own token", func(ctx context.Context, s Side) (string, Client, error) {
			c, err := s.Register(ctx)
			if err != nil {
				return "", c, err
			}
			text, err := s.IssueOwn(ctx, c)
			return text, c, err
		}, introspect},
		{"refresh", token("refresh", refresh), func(ctx context.Context, s Side, c Client, text string) (Answer,
			error) {
			next, err := s.Refresh(ctx, c, text)
			if err != nil {
				return answered(false, err)
			}
			active, err := s.Active(ctx, next.Access)
			if err == nil && !active {
				return Amiss, nil
			}
			return Works, err
		}},
		{"revoke an access token", token("revoke access", access), revoke},
		{"revoke a refresh token", token("revoke refresh", refresh), revoke},
		{"refuse a refresh token that was used", func(ctx context.Context, s Side) (string, Client, error) {
			g, c, err := grantOf(ctx, s, "reuse")
			if err == nil {
				_, err = s.Refresh(ctx, c, g.Refresh)
			}
			return g.Refresh, c, err
		}, func(ctx context.Context, s Side, c Client, text string) (Answer, error) {
			_, err := s.Refresh(ctx, c, text)
			switch {
			case err == nil:
				return Amiss, nil
			case lostAnswer(err):
				return Missing, nil
			}
			return Works, nil
		}},
	}
}

// matrixThing is what waits to be asked about.
type matrixThing struct {
	Pair
	Row    int    `json:"row"`
	Text   string `json:"text"`
	Client Client `json:"client"`
	// At is when it was made, at the earliest.
	At time.Time `json:"at"`
}

// asking is a matrix under way. Every question has a thing of its own.
type asking struct {
	trials []trial
	rows   []Row
	things []matrixThing
}

// newAsking has the questions about tokens, and those of a server's own folder.
func newAsking(blue Side) *asking {
	m := &asking{trials: trials()}
	for _, p := range blue.Probes() {
		m.trials = append(m.trials, trial{question: string(p.Kind)})
	}
	for _, t := range m.trials {
		answers := map[Pair]Answer{}
		for _, pair := range Pairs() {
			answers[pair] = Missing
		}
		m.rows = append(m.rows, Row{Question: t.question, Answers: answers})
	}
	return m
}

// make makes what each pair is asked about. What green does not make is its answer.
func (m *asking) make(ctx context.Context, side Side, pairs ...Pair) error {
	for i, t := range m.trials {
		for _, pair := range pairs {
			made := t.made
			if made == nil {
				made = func(ctx context.Context, s Side) (string, Client, error) {
					text, err := probe(s, t.question).Make(ctx, fmt.Sprintf("matrix %s %v", t.question, pair))
					return text, Client{}, err
				}
			}
			begun := time.Now()
			text, c, err := made(ctx, side)
			switch {
			case errors.Is(err, errors.ErrUnsupported), lostAnswer(err):
			case err != nil && ctx.Err() == nil && pair.Made == Green:
				m.rows[i].Answers[pair] = Refused
			case err != nil:
				return fmt.Errorf("%s, made at %s: %w", t.question, pair.Made, err)
			default:
				m.things = append(m.things, matrixThing{pair, i, text, c, begun})
			}
		}
	}
	return nil
}

// ask asks a side about all that was made for a pair.
func (m *asking) ask(ctx context.Context, side Side, pair Pair) error {
	for _, x := range m.things {
		if x.Pair != pair {
			continue
		}
		t := m.trials[x.Row]
		var answer Answer
		var err error
		if t.asked != nil {
			answer, err = t.asked(ctx, side, x.Client, x.Text)
		} else {
			p := probe(side, t.question)
			if p.expired(x.At, time.Now()) {
				continue
			}
			answer, err = answered(p.Ask(ctx, x.Text))
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("%s, made at %s, asked at %s: %w", t.question, pair.Made, pair.Asked, err)
		}
		m.rows[x.Row].Answers[pair] = answer
	}
	return nil
}

// whole are the rows, for programs too.
func (m *asking) whole() []Row {
	if m == nil {
		return nil
	}
	for i := range m.rows {
		m.rows[i].Cells = nil
		for _, pair := range Pairs() {
			m.rows[i].Cells = append(m.rows[i].Cells, Cell{pair, m.rows[i].Answers[pair]})
		}
	}
	return m.rows
}

// Matrix finds out what each version does with what the other has made. Copy, migration and
// start are those of the upgrade; WayBack, if there is one, gives the last column.
func Matrix(ctx context.Context, blue Side, u Upgrade, say func(string)) ([]Row, error) {
	blue = patiently(blue)
	m, pairs := newAsking(blue), Pairs()
	say("make things at blue")
	if err := m.make(ctx, blue, pairs[:2]...); err != nil {
		return m.whole(), err
	}
	say("copy and migrate")
	if err := u.Copy(ctx); err != nil {
		return m.whole(), err
	}
	for _, task := range u.Migrate {
		if err := task.Do(ctx); err != nil {
			return m.whole(), err
		}
	}
	say("start green")
	green, err := u.Start(ctx)
	if err != nil {
		return m.whole(), err
	}
	green = patiently(green)
	say("make things at green, and ask both")
	err = errors.Join(m.make(ctx, green, pairs[2:]...), m.ask(ctx, blue, pairs[0]), m.ask(ctx, green, pairs[1]),
		m.ask(ctx, green, pairs[2]), m.ask(ctx, blue, pairs[3]))
	if err == nil && u.WayBack != nil {
		err = m.askOld(ctx, u)
	}
	return m.whole(), err
}

// askOld asks the old version on green's database; which may not start.
func (m *asking) askOld(ctx context.Context, u Upgrade) error {
	old, stop, err := u.WayBack(ctx)
	if refused := (*NotStarted)(nil); errors.As(err, &refused) {
		m.notStarted()
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(m.ask(ctx, patiently(old), Pairs()[4]), stop(context.WithoutCancel(ctx)))
}

// notStarted says that there was no old version on green's database to be asked.
func (m *asking) notStarted() {
	for _, row := range m.rows {
		row.Answers[Pairs()[4]] = NoStart
	}
}

// probe finds the probe of a kind.
func probe(s Side, kind string) Probe {
	for _, p := range s.Probes() {
		if string(p.Kind) == kind {
			return p
		}
	}
	none := func(context.Context, string) (string, error) { return "", errors.ErrUnsupported }
	return Probe{Make: none, Ask: func(context.Context, string) (bool, error) { return false, errors.ErrUnsupported }}
}
