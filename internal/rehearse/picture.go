package rehearse

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Sizes of the picture: the response times stand above its floor, a lane for each kind of events below.
const (
	pictureWidth = 1000
	pictureLeft  = 110
	pictureFloor = 200
	laneHeight   = 26
	laneTop      = pictureFloor + 24
)

// timeline draws the response times of the load second by second, with what failed, over the
// steps, and below them what was journalled and replayed, and who waited for locks.
func timeline(report Report) template.HTML {
	seconds := report.Traffic.Seconds
	if len(seconds) == 0 {
		return ""
	}
	d := drawing{begun: seconds[0].At, ended: seconds[len(seconds)-1].At.Add(time.Second)}
	lanes := lanesOf(report)
	height := laneTop + laneHeight*len(lanes) + 20
	fmt.Fprintf(&d, `<svg viewBox="0 0 %d %d" role="img" aria-label="response times, revocations and locks over the `+
		`steps">`, pictureWidth, height)
	d.steps(report.Steps, height-20)
	d.responses(seconds)
	for i, l := range lanes {
		d.lane(l, laneTop+laneHeight*i)
	}
	fmt.Fprintf(&d, `<text x="%d" y="%d">0 s</text><text x="%d" y="%d" class="e">%s</text>`,
		pictureLeft, height-4, pictureWidth-4, height-4, took(d.ended.Sub(d.begun)))
	d.WriteString(`</svg>`)
	return template.HTML(d.String()) // numbers, and names that are escaped
}

// lane counts one kind of events by second.
type lane struct {
	name   string
	counts map[time.Time]int
}

// lanesOf are those of which something happened.
func lanesOf(report Report) (all []lane) {
	by := func(times []time.Time) map[time.Time]int {
		counts := map[time.Time]int{}
		for _, at := range times {
			counts[at.Truncate(time.Second)]++
		}
		return counts
	}
	waiting := map[time.Time]int{}
	if a := report.Account; a != nil && a.Locks != nil {
		for _, s := range a.Locks.Seconds {
			waiting[s.At] = s.Waiting
		}
	}
	for _, l := range []lane{{"journalled", by(report.Journalled)}, {"replayed", by(report.ReplayedAt)},
		{"wait for locks", waiting}} {
		if len(l.counts) > 0 {
			all = append(all, l)
		}
	}
	return all
}

// drawing is the picture under way.
type drawing struct {
	strings.Builder
	begun, ended time.Time
}

func (d *drawing) x(at time.Time) float64 {
	share := min(1, max(0, at.Sub(d.begun).Seconds()/d.ended.Sub(d.begun).Seconds()))
	return pictureLeft + share*(pictureWidth-pictureLeft)
}

// steps shades the steps, with their numbers, and marks the switch.
func (d *drawing) steps(steps []upgrade.Step, floor int) {
	shade := 0
	for i, s := range steps {
		from, to := d.x(s.Began), d.x(s.Began.Add(s.Took))
		if to-from < 2 {
			continue
		}
		fmt.Fprintf(d, `<rect class="p%d" x="%.1f" y="10" width="%.1f" height="%d"><title>%s, %s</title></rect>`,
			shade%2, from, to-from, floor-10, template.HTMLEscapeString(s.Name), took(s.Took))
		if to-from > 14 {
			fmt.Fprintf(d, `<text x="%.1f" y="%d" class="n">%d</text>`, (from+to)/2, pictureFloor+14, i+1)
		}
		shade++
	}
	for _, s := range steps {
		if s.Name == upgrade.SwitchStep {
			at := d.x(s.Began)
			side := fmt.Sprintf(`x="%.1f" y="24"`, at+4)
			if at > pictureWidth-60 { // beyond which the word has no room
				side = fmt.Sprintf(`x="%.1f" y="24" class="e"`, at-4)
			}
			fmt.Fprintf(d, `<line class="s" x1="%.1f" x2="%.1f" y1="10" y2="%d"/><text %s>switch</text>`, at, at, floor,
				side)
		}
	}
}

// responses draws the load.
func (d *drawing) responses(seconds []upgrade.Second) {
	worst := time.Millisecond
	for _, s := range seconds {
		worst = max(worst, s.Worst)
	}
	y := func(t time.Duration) float64 {
		return pictureFloor - float64(pictureFloor-20)*float64(t)/float64(worst)
	}
	var typical, slowest []string
	for _, s := range seconds {
		x := d.x(s.At.Add(500 * time.Millisecond))
		typical = append(typical, fmt.Sprintf("%.1f,%.1f", x, y(s.P50)))
		slowest = append(slowest, fmt.Sprintf("%.1f,%.1f", x, y(s.Worst)))
		if s.Bad > 0 {
			fmt.Fprintf(d, `<circle cx="%.1f" cy="%d" r="4"><title>%d of %d failed or wrong</title></circle>`,
				x, pictureFloor-4, s.Bad, s.N)
		}
	}
	fmt.Fprintf(d, `<polyline class="w" points="%s"/><polyline class="m" points="%s"/>`,
		strings.Join(slowest, " "), strings.Join(typical, " "))
	fmt.Fprintf(d, `<text x="2" y="24">%s</text><text x="2" y="%d">0</text>`, took(worst), pictureFloor)
}

// lane draws a bar for each second, as high as its count is of the largest.
func (d *drawing) lane(l lane, top int) {
	most := 0
	for _, n := range l.counts {
		most = max(most, n)
	}
	fmt.Fprintf(d, `<text x="2" y="%d">%s</text>`, top+laneHeight-8, l.name)
	wide := max(1, d.x(d.begun.Add(time.Second))-d.x(d.begun))
	var at []time.Time
	for second := range l.counts {
		at = append(at, second)
	}
	slices.SortFunc(at, time.Time.Compare)
	for _, second := range at {
		n := l.counts[second]
		high := float64(laneHeight-6) * float64(n) / float64(most)
		fmt.Fprintf(d, `<rect class="l" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %d</title></rect>`,
			d.x(second), float64(top+laneHeight-4)-high, wide, high, l.name, n)
	}
}
