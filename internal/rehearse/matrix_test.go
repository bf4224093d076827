package rehearse

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// A matrix begins with its verdict, names what the new version does not take, and fits a terminal.
func TestMatrixSaysItsVerdict(t *testing.T) {
	pairs := upgrade.Pairs()
	row := func(question string, atNew upgrade.Answer) upgrade.Row {
		r := upgrade.Row{Question: question, Answers: map[upgrade.Pair]upgrade.Answer{}}
		for _, p := range pairs {
			r.Answers[p] = upgrade.Works
		}
		r.Answers[pairs[1]] = atNew
		return r
	}
	for want, second := range map[string]upgrade.Answer{
		"PASS  hydra:v2 takes all that hydra:v1 made\n":                                         upgrade.Works,
		"FAIL  hydra:v2 does not take what hydra:v1 made: refuse a refresh token that was used": upgrade.Refused,
	} {
		m := MatrixReport{From: "hydra:v1", To: "hydra:v2", Rows: []upgrade.Row{row("refresh", upgrade.Works),
			row("refuse a refresh token that was used", second)}}
		var b bytes.Buffer
		if err := m.Write(&b, Text); err != nil ||
			!strings.HasPrefix(strings.ReplaceAll(b.String(), "\n      ", " "), want) {
			t.Errorf("%v:\n%s; want it to begin with %q", err, b.String(), want)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}
