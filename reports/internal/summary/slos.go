package summary

// sloLine is one service level objective in words.
type sloLine struct {
	Word string // held, missed or unknown
	Text string
}

func (s *summary) slos() []sloLine {
	var lines []sloLine
	for _, r := range s.verdict.SLOs {
		l := sloLine{"missed", plain(r.String() + " (" + string(r.Side) + ")")}
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
