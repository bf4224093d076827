// Package github tells a GitHub job what was decided: on the job's page and as annotations
// beside it. Elsewhere it does nothing.
package github

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// SummaryVariable names the file that GitHub shows on the page of a job. Only a
// GitHub job has it.
const SummaryVariable = "GITHUB_STEP_SUMMARY"

// maxAnnotations is how many of a kind GitHub shows of one step.
const maxAnnotations = 10

// Reason is why something was decided.
type Reason struct {
	Decision verdict.Decision
	Text     string
}

// Of are the reasons of one decision.
func Of(d verdict.Decision, texts []string) []Reason {
	all := make([]Reason, len(texts))
	for i, text := range texts {
		all[i] = Reason{d, text}
	}
	return all
}

// Tell appends dir's report.md to the summary of the job and prints an
// annotation for each reason of a decision that is not a pass. Outside GitHub it does
// nothing.
func Tell(stdout io.Writer, dir string, reasons []Reason) (err error) {
	path := os.Getenv(SummaryVariable)
	if path == "" {
		return nil
	}
	io.WriteString(stdout, annotations(reasons))
	report, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil {
		return fmt.Errorf("job summary: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("job summary: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(report, '\n')); err != nil {
		return fmt.Errorf("job summary: %w", err)
	}
	return nil
}

// annotations are the workflow commands that show the reasons beside the job: of a
// regression as errors, of what could not be decided as warnings.
func annotations(reasons []Reason) string {
	reasons = slices.DeleteFunc(slices.Clone(reasons), func(r Reason) bool { return kindOf(r.Decision) == "" })
	if left := len(reasons) - maxAnnotations + 1; left > 1 {
		reasons = append(reasons[:maxAnnotations-1],
			Reason{reasons[maxAnnotations-1].Decision, fmt.Sprintf("and %d more in the job's summary", left)})
	}
	var b strings.Builder
	for _, r := range reasons {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", kindOf(r.Decision),
			inProperty.Replace("oauthbench: "+string(r.Decision)),
			inMessage.Replace(terminal.Plain(r.Text)))
	}
	return b.String()
}

// kindOf is the kind of annotation that tells of a decision, "" for none.
func kindOf(d verdict.Decision) string {
	switch d {
	case verdict.Pass, verdict.Measured, "":
		return ""
	case verdict.Regression, verdict.Failed:
		return "error"
	}
	return "warning"
}

// GitHub's rules for what a workflow command may hold (actions/toolkit,
// packages/core/src/command.ts: escapeData and escapeProperty).
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
