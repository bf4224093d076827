package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// junitSuite is the file that CI systems read as test results: a case for the verdict
// as a whole, one for each gating comparison and one for each SLO of the candidate.
// What was found to be worse is a failure; what could not be decided is an error, as
// a test that could not be run is.
type junitSuite struct {
	XMLName   xml.Name    `xml:"testsuite"`
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"` // seconds
	Timestamp string      `xml:"timestamp,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitProblem `xml:"failure,omitempty"`
	Error   *junitProblem `xml:"error,omitempty"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"` // the decision
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// addVerdict adds a case for each gate and each SLO of the candidate.
func (s *junitSuite) addVerdict(v verdict.Verdict) {
	for _, c := range slices.Concat(v.Comparisons, v.Costs) {
		// A sentinel that convicted nobody, for a version was still warming up, fails no test.
		if c.Gating || c.Sentinel && c.Decision == verdict.Regression && v.Decision == verdict.Regression {
			s.add("gate", c.Name(), c.Decision, c.String(), c.Reasons)
		}
	}
	for _, r := range v.SLOs {
		if r.Side != verdict.Candidate {
			continue
		}
		d := verdict.Regression
		switch {
		case !r.Known():
			d = verdict.Inconclusive
		case r.Held:
			d = verdict.Pass
		}
		s.add("slo", r.SLO.String(), d, r.String(), nil)
	}
}

// add adds one case. message is what a list of cases shows, reasons what a click on it
// does; a case that passed carries both as its output.
func (s *junitSuite) add(class, name string, d verdict.Decision, message string, reasons []string) {
	c := junitCase{Class: "oauthbench." + class, Name: plaintext.Line(name)}
	lines := []string{plaintext.Line(message)}
	for _, r := range reasons {
		lines = append(lines, plaintext.Line(r))
	}
	problem := &junitProblem{Type: string(d), Message: lines[min(1, len(lines)-1)], Text: strings.Join(lines, "\n")}
	s.Tests++
	switch d {
	case verdict.Pass, verdict.Measured:
		c.Output = problem.Text
	case verdict.Regression, verdict.Failed:
		c.Failure = problem
		s.Failures++
	default:
		if problem.Type == "" {
			problem.Type = "undecided"
		}
		c.Error = problem
		s.Errors++
	}
	s.Cases = append(s.Cases, c)
}

func (s *junitSuite) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(s); err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
