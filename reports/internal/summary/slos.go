package summary

import "oauthbench/internal/plaintext"

// SloLine is one service level objective in words.
type SloLine struct {
	Word string // held, missed or unknown
	Text string
}

func (s *Summary) Slos() []SloLine {
	var lines []SloLine
	for _, r := range s.Verdict.SLOs {
		l := SloLine{"missed", plaintext.Line(r.String() + " (" + string(r.Side) + ")")}
		switch {
		case !r.Known():
			l.Word = "unknown"
		case r.Held:
			l.Word = "held"
		}
		lines = append(lines, l)
	}
	return lines
}
