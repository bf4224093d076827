package summary

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/pace"
	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// silentArrivals is how many arrivals must be due while no answer comes before that is
// called silence: of a slow trickle chance alone leaves seconds empty.
const silentArrivals = 20

// silence is a time in which no expected answer came between two that did, counted in whole seconds of the clock, so
// that it lasted at least as long.
type silence struct {
	length time.Duration
	waited time.Duration // the longest that an answer took to a request of it or of the second before; 0 when not known
}

// silenceOf is the longest of a trial, none where answers are not counted by second. A server that is slow but
// steady has none: its first answers come late, and then they come.
func silenceOf(t *bench.Trial) silence {
	if !AnswersCounted(t) {
		return silence{}
	}
	var longest, silent, until time.Duration
	begun := false
	for _, sec := range AchievedRates(t) {
		switch {
		case sec.Rate == 0:
			silent += sec.Width
			continue
		case begun && silent > longest:
			longest, until = silent, sec.At
		}
		begun, silent = true, 0
	}
	if t.Load.Rate()*longest.Seconds() < silentArrivals {
		return silence{}
	}
	return silence{longest, longestWait(t, until-longest-time.Second, until)}
}

// longestWait is the longest response time of the requests that were due from one time until another, 0 when some
// of them failed: those count as the timeout, whatever they waited.
func longestWait(t *bench.Trial, from, until time.Duration) time.Duration {
	var longest time.Duration
	for _, m := range t.Measurements {
		for _, sec := range m.Timeline {
			if sec.At < from || sec.At >= until {
				continue
			}
			if sec.Outcomes.Failed() > 0 {
				return 0
			}
			longest = max(longest, sec.Max)
		}
	}
	return longest
}

// longer is the longer of two.
func (s silence) longer(other silence) silence {
	if other.length > s.length {
		return other
	}
	return s
}

// words are "for at least 1.00 s at 120/s no expected answer came (to what was due then one took up to 2.53 s)".
func (s silence) words(at string) string {
	words := fmt.Sprintf("for at least %s at %s no expected answer came", units.Duration(s.length), at)
	if s.waited > s.length {
		words += fmt.Sprintf(" (to what was due then one took up to %s)", units.Duration(s.waited))
	}
	return words
}

// meanResponse is the mean of all response times, 0 without any.
func meanResponse(trials []bench.Trial) time.Duration {
	response := bench.NewHistogram()
	for _, t := range trials {
		for _, m := range t.Measurements {
			response.Merge(m.Response)
		}
	}
	return time.Duration(response.Mean())
}

// likely is the share of the processors above which the bursts of a Poisson process make a tail of
// waits, though less than saturated is busy on average.
const likely = .6

// bursts is the part whose processors are that busy, nil for none.
func (b *Bottleneck) bursts() *consumer {
	for _, name := range []string{"server", "database"} {
		if c := b.part(name); c != nil && c.Limit > 0 && c.Cores >= likely*c.Limit {
			return c
		}
	}
	if b.Busy < likely {
		return nil
	}
	return b.largest()
}

// inDatabase tells whether waits in the database took the time of requests: most busy connections
// waited for one thing of it, and either none was to spare or that wait is a large part of the mean
// response time (Little's law: those that wait are the rate times how long each waits). Of one
// connection alone nothing inside the database is the limit: another could go on meanwhile.
func (b *Bottleneck) inDatabase() bool {
	w := b.waiting
	if w == nil || !w.InDatabase() || !b.missed && !b.behind || b.Pool != nil && b.Pool.Limit == 1 {
		return false
	}
	const largePart = .3
	return w.Full() || b.Pool != nil && b.Pool.Share > mostlyWaiting ||
		w.Mean/b.Rate >= largePart*b.response.Seconds()
}

// unmeasured says what else may have been the limit.
func (b *Bottleneck) unmeasured() string {
	switch {
	case b.waiting != nil:
		return b.waits() + b.looked()
	case b.Pool != nil:
		return b.waits() + " Waits for locks and disks are not measured."
	}
	return " Waits for connections, locks and disks are not measured."
}

// looked is a sentence on what the database's connections did, "" when nobody looked.
func (b *Bottleneck) looked() string {
	if b.waiting == nil {
		return ""
	}
	words := b.waiting.String()
	return " " + strings.ToUpper(words[:1]) + words[1:] + "."
}

// waits is a sentence on the waits for database connections, "" when it is not known
// whether there were any.
func (b *Bottleneck) waits() string {
	switch {
	case b.Pool == nil:
		return ""
	case b.Pool.PerRequest == 0:
		return " No request waited for a database connection."
	}
	words := b.Pool.String()
	return " " + strings.ToUpper(words[:1]) + words[1:] + "."
}

// queued is what a server seems to be able to do, by how its answers came while requests
// waited for each other.
type queued struct {
	Rate       float64       `json:"rate"` // requests per second
	Gap        time.Duration `json:"gap_ns"`
	OneAtATime bool          `json:"one_at_a_time"`
	Busy       float64       `json:"busy_share"`    // of the time at least one request was under way
	Waiting    float64       `json:"waiting_share"` // of the time at least two were
	more       int64         // waiting: from so many on answers come no faster
}

// queuedAt sums up the trials; nil where the answers do not tell, and where requests had to
// wait for the generator's workers.
func queuedAt(trials []bench.Trial) *queued {
	var all bench.Queue
	for _, t := range trials {
		if t.Queue == nil || t.Strain.InFlight >= int64(cmp.Or(t.Load.Workers, bench.DefaultMaxWorkers)) {
			return nil
		}
		all.Merge(*t.Queue)
	}
	seen, ok := pace.Of(all)
	if !ok {
		return nil
	}
	return &queued{Rate: seen.Rate(), Gap: seen.Gap, OneAtATime: seen.OneAtATime, more: seen.Waiting,
		Busy: all.Share(all.Busy), Waiting: all.Share(all.Waiting)}
}

// full tells whether a server that carries so many requests per second is at its end.
func (q *queued) full(rate float64) bool {
	return q != nil && (rate >= saturated*q.Rate || q.OneAtATime && q.Busy >= saturated)
}

// pace says how answers come, and what the server seems to do.
func (q *queued) pace() string {
	how := fmt.Sprintf("the server answers no faster when more than %d wait, one every %s", q.more,
		units.Duration(q.Gap))
	if q.OneAtATime {
		how = fmt.Sprintf("the server answers one at a time, the next %s after the last however many wait",
			units.Duration(q.Gap))
	}
	return how + ", so that it seems to do " + units.Rate(q.Rate)
}

// shares says how much of the time requests were under way.
func (q *queued) shares() string {
	return fmt.Sprintf("requests were under way %.0f %% of the time and waited for each other %.0f %% of it",
		100*q.Busy, 100*q.Waiting)
}

// hint is a sentence on a pace that was seen and is not the limit, "" where none was seen.
func (q *queued) hint() string {
	if q == nil {
		return ""
	}
	words := q.pace()
	return " " + strings.ToUpper(words[:1]) + words[1:] + "; " + q.shares() + "."
}

// part returns one part's consumption, nil when it is not known.
func (b *Bottleneck) part(name string) *consumer {
	for i := range b.Parts {
		if b.Parts[i].Name == name {
			return &b.Parts[i]
		}
	}
	return nil
}

// each is what one request costs.
func (b *Bottleneck) each(c consumer) string {
	words := fmt.Sprintf("%s of CPU per %s", units.Duration(c.PerRequest), b.per)
	if c.Name == "database" && b.Statements > 0 {
		words += fmt.Sprintf(" for %s statements", units.Digits(b.Statements))
	}
	return words
}

// largest is the part that used more than half of what the machine was busy with, nil
// when none did.
func (b *Bottleneck) largest() *consumer {
	for i := range b.Parts {
		if b.Parts[i].Cores > b.Busy*float64(b.Cores)/2 {
			return &b.Parts[i]
		}
	}
	return nil
}

// consumption lists what each part used.
func (b *Bottleneck) consumption() string {
	words := ""
	for _, c := range b.Parts {
		if words != "" {
			words += ", "
		}
		words += fmt.Sprintf("%s %s (%s)", c.Name, coreWords(c.Cores), b.each(c))
	}
	if b.Busy > 0 {
		words += fmt.Sprintf(", the machine's %s %.0f %% busy", coreWords(float64(b.Cores)), 100*b.Busy)
	}
	return words
}

// extrapolated says what would be the limit at the rate that the pilot found, by the
// utilisation law: the cores busy are the rate times the CPU time of one request
// (P. J. Denning and J. P. Buzen, Computing Surveys 10(3), 1978). "" when it is unknown.
func (b *Bottleneck) extrapolated() string {
	if b.capacity <= b.Rate || b.Cores == 0 {
		return ""
	}
	var all float64
	for _, c := range b.Parts {
		needed := b.capacity * c.PerRequest.Seconds()
		all += needed
		if c.Limit > 0 && needed >= saturated*c.Limit {
			return fmt.Sprintf(" At the %s of the pilot the %s would need %s of its %s: by this reckoning its CPU is "+
				"the limit there.", units.Rate(b.capacity), c.Name, units.Digits(needed), coreWords(c.Limit))
		}
	}
	cores := fmt.Sprintf(" At the %s of the pilot all parts together would need %s of %s", units.Rate(b.capacity),
		units.Digits(all), coreWords(float64(b.Cores)))
	if all >= saturated*float64(b.Cores) {
		return cores + ": by this reckoning the CPU is the limit there."
	}
	return cores + ": what is the limit there is not identified."
}

func coreWords(n float64) string {
	if n == 1 {
		return "1 core"
	}
	if n == float64(int(n)) {
		return strconv.Itoa(int(n)) + " cores"
	}
	return units.Digits(n) + " cores"
}

// LimitsInBrief names what limited each version, "" when nothing is known of it.
func LimitsInBrief(s *Summary) string {
	var parts []string
	for _, b := range Bottlenecks(s) {
		words := b.Brief()
		if s.Compared() {
			words = string(b.Role) + " " + words
		}
		if !slices.Contains(parts, words) {
			parts = append(parts, words)
		}
	}
	return strings.Join(parts, ", ")
}

// refusing is for a server that refused requests though nothing was busy: it keeps a rate that it was
// given, or gives up early.
func refusing(b *Bottleneck, at string) (limit, sentence string) {
	if !b.missed && !b.behind || !b.refused.Most() {
		return "", ""
	}
	spent := "no processor was busy enough to be the limit (" + b.consumption() + ")"
	if b.part("server") == nil {
		spent = "what it spent is not known"
	}
	return LimitRefusals, fmt.Sprintf("The server itself was the limit at %s: %v, and %s.", at, b.refused, spent)
}
