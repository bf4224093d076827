package reports

import (
	"io"
	"strconv"
	"time"

	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// writeJUnit writes the suite: a case for the decision, and those that the document has
// beside it.
func writeJUnit(w io.Writer, d *Document) error {
	suite := junitSuite{Name: "oauthbench: " + d.Headline, Time: "0"}
	switch {
	case d.junit != nil:
		suite = d.junit()
	case d.Decision != "":
		suite.add("verdict", d.Headline, d.Decision, d.Headline, d.Reasons)
	}
	if d.cases != nil {
		d.cases(&suite)
	}
	return suite.write(w)
}

// runSuite is the suite of one run, with the case of its verdict.
func runSuite(s *summary.Summary) junitSuite {
	suite := junitSuite{Name: "oauthbench: " + s.Subject(), Time: "0"}
	if !s.Run.Started.IsZero() {
		suite.Timestamp = s.Run.Started.UTC().Format("2006-01-02T15:04:05")
	}
	if s.Run.End != nil && s.Run.End.At.After(s.Run.Started) {
		suite.Time = strconv.FormatFloat(s.Run.End.At.Sub(s.Run.Started).Round(time.Millisecond).Seconds(), 'f', -1, 64)
	}
	suite.add("verdict", s.Subject(), s.Decision(), s.Sentence(), s.Reasons())
	return suite
}

// addComparisons adds the gates of a run that does not contradict itself, and its SLOs.
func addComparisons(suite *junitSuite, s *summary.Summary) {
	v := s.Verdict
	v.Comparisons = s.Shown()
	suite.addVerdict(v)
}
