package rehearse

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/rehearse/account"
	"github.com/oauthbench/oauthbench/reports/page"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// PageName is the file of the report for people.
const PageName = "rehearsal.html"

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// pageFunctions print what the template shows.
var pageFunctions = template.FuncMap{
	"size": size, "took": took, "inc": func(i int) int { return i + 1 },
	"curves": curves, "percent": func(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) },
	"essentials": essentials, "figure": figure, "changed": changed, "mix": Mix.inWords,
	"count": count, "bytes": bytesOf, "estimate": within(count), "bytesof": within(bytesOf),
	"seconds": within(func(s float64) string { return took(time.Duration(s * float64(time.Second))) }),
	"first":   func(all []account.Statement) []account.Statement { return all[:min(len(all), mostStatements)] },
}

// mostStatements is how many statements are shown; rehearsal.json has all.
const mostStatements = 15

// decisions are what words of a verdict mean.
var decisions = map[string]verdict.Decision{passed: verdict.Pass, failed: verdict.Regression,
	unfinished: verdict.Inconclusive}

// shownPage is what the template shows.
type shownPage struct {
	page.Frame
	Report
	Good                       bool
	Faults, Noticed, Notes     []upgrade.Finding
	Asked, Wrong               int // questions
	Groups                     []group
	Picture                    template.HTML
	Inserted, Updated, Deleted int64
	Runbook                    []run
}

// group are the lines of the ledger of one phase.
type group struct {
	Asked upgrade.Phase
	Lines []upgrade.Line
	Of    int
	Wrong int
}

// run is one step as it went, with its commands.
type run struct {
	upgrade.Step
	Commands []string
}

// WritePage writes a report as one page without anything from elsewhere.
func WritePage(w io.Writer, report Report) error {
	word, sentence := verdictOf(report)
	good, decision := word == passed, decisions[word]
	frame, err := page.NewFrame(decision, word, report.From+" to "+report.To, sentence)
	if err != nil {
		return err
	}
	frame.Style += template.CSS(pageStyle)
	p := shownPage{Frame: frame, Report: report, Good: good}
	p.Faults, p.Noticed, p.Notes = sorted(report.Findings)
	p.Asked, p.Wrong = questions(report.Lines)
	for _, line := range report.Lines {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Asked != line.Asked {
			p.Groups = append(p.Groups, group{Asked: line.Asked})
		}
		last := &p.Groups[len(p.Groups)-1]
		last.Lines = append(last.Lines, line)
		last.Of, last.Wrong = last.Of+line.Of, last.Wrong+line.Wrong
	}
	if report.Traffic != nil {
		p.Picture = timeline(report)
	}
	if report.Account != nil {
		p.Inserted, p.Updated, p.Deleted = report.Account.Totals()
	}
	for _, s := range report.Steps {
		p.Runbook = append(p.Runbook, run{s, commandsOf(report.Plan, s.Name)})
	}
	templates, err := page.Templates()
	if err != nil {
		return err
	}
	shown, err := templates.New("rehearsal").Funcs(pageFunctions).Parse(pageText)
	if err != nil {
		return err
	}
	return shown.Execute(w, p)
}

func commandsOf(plan []upgrade.Planned, name string) []string {
	for _, step := range plan {
		if step.Name == name {
			return step.Commands
		}
	}
	return nil
}
