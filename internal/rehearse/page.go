package rehearse

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"oauthbench/internal/rehearse/account"
	"oauthbench/scenarios/upgrade"
)

// PageName is the file of the report for people.
const PageName = "rehearsal.html"

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"size": size, "took": took, "inc": func(i int) int { return i + 1 },
	"curves": curves, "percent": func(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) },
	"figure": figure, "changed": changed, "mix": mix,
	"count": count, "bytes": bytesOf, "estimate": within(count), "bytesof": within(bytesOf),
	"seconds": within(func(s float64) string { return took(time.Duration(s * float64(time.Second))) }),
	"first":   func(all []account.Statement) []account.Statement { return all[:min(len(all), mostStatements)] },
}).Parse(pageText))

// mostStatements is how many statements are shown; rehearsal.json has all.
const mostStatements = 15

// mix is the load's shares in words.
func mix() string {
	var sum float64
	for _, share := range upgrade.DefaultMix() {
		sum += share
	}
	var all []string
	for _, op := range upgrade.Operations() {
		all = append(all, fmt.Sprintf("%s %.0f %%", op, 100*upgrade.DefaultMix()[op]/sum))
	}
	return strings.Join(all, ", ")
}

// page is what the template shows.
type page struct {
	Report
	Verdict                    string
	Good                       bool
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
	p := page{Report: report, Verdict: Verdict(report), Good: !Failed(report) && report.Failed == ""}
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
	return pageTemplate.Execute(w, p)
}

func commandsOf(plan []upgrade.Planned, name string) []string {
	for _, step := range plan {
		if step.Name == name {
			return step.Commands
		}
	}
	return nil
}

// Sizes of the picture.
const (
	pictureWidth  = 1000
	pictureHeight = 260
	pictureLeft   = 50
	pictureFloor  = 200
)

// timeline draws the response times of the load second by second, with what failed, over the
// steps.
func timeline(report Report) template.HTML {
	seconds := report.Traffic.Seconds
	if len(seconds) == 0 {
		return ""
	}
	begun, ended := seconds[0].At, seconds[len(seconds)-1].At.Add(time.Second)
	span := ended.Sub(begun).Seconds()
	worst := time.Millisecond
	for _, s := range seconds {
		worst = max(worst, s.Worst)
	}
	x := func(at time.Time) float64 {
		share := min(1, max(0, at.Sub(begun).Seconds()/span))
		return pictureLeft + share*(pictureWidth-pictureLeft)
	}
	y := func(d time.Duration) float64 {
		return pictureFloor - float64(pictureFloor-20)*float64(d)/float64(worst)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="response times over the steps">`,
		pictureWidth, pictureHeight)
	shade := 0
	for i, s := range report.Steps {
		from, to := x(s.Began), x(s.Began.Add(s.Took))
		if to-from < 2 {
			continue
		}
		fmt.Fprintf(&b, `<rect class="p%d" x="%.1f" y="10" width="%.1f" height="%d"><title>%s, %s</title></rect>`,
			shade%2, from, to-from, pictureFloor-10, template.HTMLEscapeString(s.Name), took(s.Took))
		if to-from > 14 {
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" class="n">%d</text>`, (from+to)/2, pictureFloor+14, i+1)
		}
		shade++
	}
	for _, s := range report.Steps {
		if s.Name == upgrade.SwitchStep {
			fmt.Fprintf(&b, `<line class="s" x1="%.1f" x2="%.1f" y1="10" y2="%d"/><text x="%.1f" y="24">switch</text>`,
				x(s.Began), x(s.Began), pictureFloor, x(s.Began)+4)
		}
	}
	var typical, slowest []string
	for _, s := range seconds {
		at := s.At.Add(500 * time.Millisecond)
		typical = append(typical, fmt.Sprintf("%.1f,%.1f", x(at), y(s.P50)))
		slowest = append(slowest, fmt.Sprintf("%.1f,%.1f", x(at), y(s.Worst)))
		if s.Bad > 0 {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%d" r="4"><title>%d of %d failed or wrong</title></circle>`,
				x(at), pictureFloor-4, s.Bad, s.N)
		}
	}
	fmt.Fprintf(&b, `<polyline class="w" points="%s"/><polyline class="m" points="%s"/>`,
		strings.Join(slowest, " "), strings.Join(typical, " "))
	fmt.Fprintf(&b, `<text x="2" y="24">%s</text><text x="2" y="%d">0</text>`, took(worst), pictureFloor)
	fmt.Fprintf(&b, `<text x="%d" y="%d">0 s</text><text x="%d" y="%d" class="e">%s</text>`,
		pictureLeft, pictureHeight-10, pictureWidth-4, pictureHeight-10, took(ended.Sub(begun)))
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) // numbers, and names that are escaped
}
