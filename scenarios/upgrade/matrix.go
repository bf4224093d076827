package upgrade

import (
	"context"
	"errors"
	"fmt"
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
				return Refused, nil
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
			if _, err := s.Refresh(ctx, c, text); err == nil {
				return Amiss, nil
			}
			return Works, nil
		}},
	}
}

// matrixThing is what waits to be asked about.
type matrixThing struct {
	pair   Pair
	row    int
	text   string
	client Client
}

// Matrix finds out what each version does with what the other has made. Copy, migration and
// start are those of the upgrade; WayBack, if there is one, gives the last column. Every
// question has a thing of its own.
func Matrix(ctx context.Context, blue Side, u Upgrade, say func(string)) (rows []Row, err error) {
	all := trials()
	for _, p := range blue.Probes() {
		all = append(all, trial{question: string(p.Kind)})
	}
	for _, t := range all {
		rows = append(rows, Row{Question: t.question, Answers: map[Pair]Answer{}})
	}
	var things []matrixThing
	prepare := func(side Side, pairs []Pair) error {
		for i, t := range all {
			for _, pair := range pairs {
				rows[i].Answers[pair] = Missing
				made := t.made
				if made == nil {
					made = func(ctx context.Context, s Side) (string, Client, error) {
						text, err := probe(s, t.question).Make(ctx, fmt.Sprintf("matrix %s %v", t.question, pair))
						return text, Client{}, err
					}
				}
				text, c, err := made(ctx, side)
				if errors.Is(err, errors.ErrUnsupported) {
					continue
				}
				if err != nil {
					return fmt.Errorf("%s, made at %s: %w", t.question, pair.Made, err)
				}
				things = append(things, matrixThing{pair, i, text, c})
			}
		}
		return nil
	}
	ask := func(side Side, pair Pair) error {
		for _, x := range things {
			if x.pair != pair {
				continue
			}
			t := all[x.row]
			var answer Answer
			var err error
			if t.asked != nil {
				answer, err = t.asked(ctx, side, x.client, x.text)
			} else {
				answer, err = answered(probe(side, t.question).Ask(ctx, x.text))
			}
			if err != nil {
				return fmt.Errorf("%s, made at %s, asked at %s: %w", t.question, pair.Made, pair.Asked, err)
			}
			rows[x.row].Answers[pair] = answer
		}
		return nil
	}
	pairs := Pairs()
	say("make things at blue")
	if err := prepare(blue, pairs[:2]); err != nil {
		return rows, err
	}
	say("copy and migrate")
	if err := u.Copy(ctx); err != nil {
		return rows, err
	}
	for _, task := range u.Migrate {
		if err := task.Do(ctx); err != nil {
			return rows, err
		}
	}
	say("start green")
	green, err := u.Start(ctx)
	if err != nil {
		return rows, err
	}
	say("make things at green, and ask both")
	err = errors.Join(prepare(green, pairs[2:]), ask(blue, pairs[0]), ask(green, pairs[1]), ask(green, pairs[2]),
		ask(blue, pairs[3]))
	if err == nil {
		err = askOld(ctx, u, rows, func(old Side) error { return ask(old, pairs[4]) })
	}
	for i := range rows {
		for _, pair := range pairs {
			rows[i].Cells = append(rows[i].Cells, Cell{pair, rows[i].Answers[pair]})
		}
	}
	return rows, err
}

// askOld asks the old version on green's database; which may not start.
func askOld(ctx context.Context, u Upgrade, rows []Row, ask func(Side) error) error {
	last := Pairs()[4]
	if u.WayBack == nil {
		for _, row := range rows {
			row.Answers[last] = Missing
		}
		return nil
	}
	old, stop, err := u.WayBack(ctx)
	if err != nil {
		for _, row := range rows {
			row.Answers[last] = NoStart
		}
		return ctx.Err()
	}
	return errors.Join(ask(old), stop(context.WithoutCancel(ctx)))
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
