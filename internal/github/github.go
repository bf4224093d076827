// Package github tells a GitHub job what was decided: on the job's page and as annotations
// beside it. Elsewhere it does nothing.
package github

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oauthbench/bench/verdict"
	"oauthbench/internal/terminal"
)

// SummaryVariable names the file that GitHub shows on the page of a job. Only a
// GitHub job has it.
const SummaryVariable = "GITHUB_STEP_SUMMARY"

// maxAnnotations is how many of a kind GitHub shows of one step.
const maxAnnotations = 10

// Tell appends dir's report.md to the summary of the job and prints an
// annotation for each reason of a decision that is not a pass. Outside GitHub it does
// nothing.
func Tell(stdout io.Writer, dir string, d verdict.Decision, reasons []string) (err error) {
	path := os.Getenv(SummaryVariable)
	if path == "" {
		return nil
	}
	io.WriteString(stdout, annotations(d, reasons))
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

// annotations are the workflow commands that show the reasons beside the job: a
// regression as errors, what could not be decided as warnings.
func annotations(d verdict.Decision, reasons []string) string {
	kind := "warning"
	switch d {
	case verdict.Pass, verdict.Measured, "":
		return ""
	case verdict.Regression, verdict.Failed:
		kind = "error"
	}
	if len(reasons) > maxAnnotations {
		more := fmt.Sprintf("and %d more in the job's summary", len(reasons)-maxAnnotations+1)
		reasons = append(reasons[:maxAnnotations-1:maxAnnotations-1], more)
	}
	var b strings.Builder
	for _, why := range reasons {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", kind, inProperty.Replace("oauthbench: "+string(d)),
			inMessage.Replace(terminal.Plain(why)))
	}
	return b.String()
}

// GitHub's rules for what a workflow command may hold (actions/toolkit,
// packages/core/src/command.ts: escapeData and escapeProperty).
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
