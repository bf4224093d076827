package summary

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/plaintext"
	"oauthbench/reports/internal/dbwaits"
	"oauthbench/reports/internal/units"
)

// saturated is the share of the processors a part may use above which they are what
// limits it: bursts of any arrival process queue for them.
const saturated = .85

// fellBehind is the share of the arrivals that may be late or unanswered before a version
// is said not to have carried the load.
const fellBehind = .05

// The words for what limited a version.
const (
	LimitNone         = "none"
	LimitFailure      = "failure"
	LimitQueue        = "queue"
	LimitUnidentified = "not identified"
)

// mostlyWaiting is the share of the mean response time above which waiting for database
// connections, and not what is done with them, is what a request takes.
const mostlyWaiting = .5

// Bottleneck says what limited one version under one load, with the numbers that it
// rests on. It claims nothing that was not measured: waits in the database are where its
// connections were looked at, those for connections where the server tells or all were busy.
// Else a limit is a processor, or whatever makes requests wait for each other, or is not identified.
type Bottleneck struct {
	Role bench.Role `json:"role"`
	Load int        `json:"load"` // which of an isolated run, from 0
	// server, database, generator, machine, connections, queue, a bench.WaitClass, failure, none or not identified
	Limit    string     `json:"limit"`
	Sentence string     `json:"sentence"`
	Rate     float64    `json:"rate"`  // requests per second, sent
	Parts    []consumer `json:"parts"` // those whose usage is known
	// Cores of the machine and the share of them that was busy; 0 when not known.
	Cores int     `json:"cores"`
	Busy  float64 `json:"busy_share"`
	// Statements for each request, 0 when not known.
	Statements float64 `json:"statements_per_request"`
	// Pool is the server's pool of database connections that was waited for longest, nil
	// when the server does not tell of any.
	Pool *dbwaits.Pool `json:"pool,omitempty"`
	// Queue is how requests waited for each other, nil when the answers do not tell.
	Queue *queued `json:"queue,omitempty"`

	waiting  *dbwaits.Waiting // nil when nobody looked
	foreign  float64          // share of the machine that other programs used
	missed   bool             // a limit of the user's was missed under this load
	response time.Duration    // on average, of all requests
	causes   []string         // what the version's own parts said is wrong with them
	per      string           // what one request is called
	behind   bool
	silent   time.Duration // the longest that no expected answer came
	achieved float64
	offered  float64
	capacity float64 // of the pilot, 0 without
}

// consumer is a part of what was measured, and the processor time that it took.
type consumer struct {
	Name       string        `json:"name"`  // server, database or generator
	Cores      float64       `json:"cores"` // kept busy, on average
	Limit      float64       `json:"limit_cores"`
	PerRequest time.Duration `json:"cpu_per_request_ns"`
}

// Bottlenecks are those of each version and load, the baseline's first.
func Bottlenecks(s *Summary) []Bottleneck {
	if len(s.Contradictions) > 0 {
		return nil
	}
	var all []Bottleneck
	for _, x := range s.Sides {
		for part := range max(1, len(s.Run.Loads)) {
			var trials []bench.Trial
			for _, t := range x.Valid {
				if t.Part == part {
					trials = append(trials, t)
				}
			}
			if b, ok := bottleneckOf(s, x, trials); ok {
				b.Load = part
				b.decide()
				all = append(all, b)
			}
		}
	}
	return all
}

// Brief names the limit in a few words.
func (b *Bottleneck) Brief() string {
	words := b.Limit
	switch b.Limit {
	case LimitNone:
		words = "none reached"
	case LimitFailure:
		words = "something failed"
	case "connections":
		words = "connections to the database"
	case LimitQueue:
		words = "requests waited for each other"
	case string(bench.WaitLock), string(bench.WaitCommit), string(bench.WaitDisk), string(bench.WaitLatch):
		words = b.Limit + " in the database"
	case "server", "database", "generator", "machine":
		words = "CPU of the " + b.Limit
	}
	return words
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

// BottleneckOf says what limited one deployment of a run in some of its trials, which missed a
// limit of the user's or did not; false when that is not known.
func BottleneckOf(run *bench.Run, role bench.Role, trials []bench.Trial, missed bool) (Bottleneck, bool) {
	b, ok := bottleneckOf(&Summary{Run: run}, Side{Role: role, Deployment: run.Deployments[role]}, trials)
	if ok {
		b.missed = missed
		b.decide()
	}
	return b, ok
}

// bottleneckOf sums up the trials of one version and load; false when there are none.
func bottleneckOf(s *Summary, x Side, trials []bench.Trial) (Bottleneck, bool) {
	b := Bottleneck{Role: x.Role, per: "request", Parts: []consumer{}}
	var sent, statements, counted int64
	var elapsed time.Duration
	var total, ok, lost int64
	busy, foreign, known := 0.0, 0.0, true
	for i := range trials {
		t := &trials[i]
		sent += t.Sent
		b.causes = append(b.causes, t.Causes...)
		elapsed += t.Elapsed
		b.silent = max(b.silent, silence(t))
		b.offered += t.Offered / float64(len(trials))
		b.achieved += t.Achieved / float64(len(trials))
		for _, m := range t.Measurements {
			total, ok = total+m.Outcomes.Total(), ok+m.Outcomes.OK
			lost += m.Outcomes.Timeout + m.Outcomes.Unreachable
		}
		busy += (t.Machine.Busy + t.Machine.Steal) * float64(t.Elapsed)
		foreign += t.Machine.Foreign * float64(t.Elapsed)
		known = known && t.Machine.Known
		b.Cores = t.Machine.Cores
		if t.Counters != nil {
			statements, counted = statements+t.Counters.Calls(), counted+t.Sent
		}
	}
	if sent == 0 || elapsed <= 0 {
		return b, false
	}
	b.Rate = float64(sent) / elapsed.Seconds()
	b.response = meanResponse(trials)
	b.Queue = queuedAt(trials)
	b.Pool = dbwaits.LongestWait(trials, sent, b.response)
	if w, seen := dbwaits.Of(trials); seen {
		b.waiting = &w
	}
	if known {
		b.Busy, b.foreign = busy/float64(elapsed), foreign/float64(elapsed)
	}
	if counted == sent {
		b.Statements = float64(statements) / float64(sent)
	}
	if l := trials[0].Load; len(l.Streams) == 1 {
		b.per = plaintext.Line(l.Streams[0].Scenario)
	}
	for _, p := range s.Run.Pilots {
		if p.Deployment == x.Deployment.Name && sameScenarios(p, trials[0].Load) {
			b.capacity = p.Capacity
		}
	}
	// Expected refusals and wrong answers were answered; what came late stretched the time.
	inTime := b.achieved * float64(total) / max(b.offered*float64(ok), 1e-9)
	b.behind = float64(lost) > fellBehind*float64(total) || ok > 0 && inTime < 1-fellBehind
	for _, part := range []struct {
		name, limit string
		of          func(*bench.Trial) bench.Usage
	}{
		{"server", "limit.cpus", func(t *bench.Trial) bench.Usage { return t.Server }},
		{"database", "db.limit.cpus", func(t *bench.Trial) bench.Usage { return t.Database }},
		{"generator", "", func(t *bench.Trial) bench.Usage { return t.Generator }},
	} {
		var cpu time.Duration
		told := true
		for i := range trials {
			u := part.of(&trials[i])
			cpu, told = cpu+u.CPU, told && u.Known
		}
		if told {
			limit, _ := strconv.ParseFloat(x.Deployment.Settings[part.limit], 64)
			if part.name == "generator" {
				limit = float64(trials[0].Tuning.Processors) // that it gave itself
			}
			b.Parts = append(b.Parts, consumer{part.name, cpu.Seconds() / elapsed.Seconds(), limit,
				cpu / time.Duration(sent)})
		}
	}
	return b, true
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

// decide finds the limit and says it: what its own parts say is wrong with them, the generator,
// processors, what the database's connections waited for, and the pool of connections, in this order.
func (b *Bottleneck) decide() {
	at := units.Rate(b.Rate)
	say := func(limit, format string, args ...any) {
		b.Limit, b.Sentence = limit, fmt.Sprintf(format, args...)
	}
	if len(b.causes) > 0 {
		say(LimitFailure, "Something failed at %s: %s.", at, plaintext.Line(b.causes[len(b.causes)-1]))
		return
	}
	if g := b.part("generator"); g != nil && g.Cores > bench.MaxGeneratorShare*max(g.Limit, 1) {
		say("generator", "The generator was the limit at %s: it used %s of a core, and above %s it measures itself.",
			at, units.Digits(g.Cores), units.Digits(bench.MaxGeneratorShare*max(g.Limit, 1)))
		return
	}
	for _, name := range []string{"server", "database"} {
		if c := b.part(name); c != nil && c.Limit > 0 && c.Cores >= saturated*c.Limit {
			say(name, "The %s's CPU was the limit at %s: %s; it used %s of the %s it may use.", name, at, b.each(*c),
				units.Digits(c.Cores), coreWords(c.Limit))
			return
		}
	}
	used, full := 0.0, b.Queue.full(b.Rate)
	for _, c := range b.Parts {
		used += c.Cores
	}
	others := b.foreign > bench.MaxForeignShare
	switch largest := b.largest(); {
	case b.part("server") == nil && !full:
		say(LimitUnidentified, "Not identified: what the server spent is not known.%s", b.Queue.hint())
	case b.Busy >= saturated && !others && largest != nil:
		say(largest.Name, "The %s's CPU was the limit at %s: %s; it used %s of the machine's %s, which were "+
			"%.0f %% busy.",
			largest.Name, at, b.each(*largest), units.Digits(largest.Cores), coreWords(float64(b.Cores)), 100*b.Busy)
	case b.Busy >= saturated && !others:
		say("machine", "The machine's CPU was the limit at %s: its %s were %.0f %% busy, %s.", at,
			coreWords(float64(b.Cores)), 100*b.Busy, b.consumption())
	case b.Busy == 0 && b.Cores > 0 && used >= saturated*float64(b.Cores):
		say("machine", "The machine's CPU was the limit at %s: of its %s these parts alone used %s: %s.", at,
			coreWords(float64(b.Cores)), units.Digits(used), b.consumption())
	case b.inDatabase():
		say(string(b.waiting.Class), "%s the limit at %s: %s, while no processor was busy enough to be it (%s).%s",
			b.waiting.Subject(), at, b.waiting, b.consumption(), b.waits())
	case b.Pool != nil && b.Busy > 0 && b.Pool.Share > mostlyWaiting:
		say("connections", "The server's database connections were the limit at %s: %s, %.0f %% of their mean "+
			"response time, while no processor was busy enough to be it (%s).%s",
			at, b.Pool, 100*b.Pool.Share, b.consumption(), b.looked())
	case (b.missed || b.behind || full) && b.Pool == nil && b.waiting != nil && b.waiting.Full():
		say("connections", "The server's database connections were the limit at %s: %s, while no processor was busy "+
			"enough to be it (%s).", at, b.waiting, b.consumption())
	case full:
		say(LimitQueue, "Requests waited for each other at %s, and that was the limit: %s; %s (%s).", at,
			b.Queue.pace(), b.Queue.shares(), b.consumption())
	case b.Busy == 0:
		say(LimitUnidentified, "Not identified: how busy the machine was is not known (%s).%s", b.consumption(),
			b.Queue.hint())
	case (b.missed || b.behind || b.silent > 0) && others:
		say(LimitUnidentified, "Not identified: other programs used %.0f %% of the machine at %s (%s).%s",
			100*b.foreign, at, b.consumption(), b.unmeasured())
	case b.missed && b.bursts() != nil:
		c := b.bursts()
		say(c.Name, "The %s's CPU was most likely the limit at %s: %s; it used %s of %s, and bursts wait for them.%s",
			c.Name, at, b.each(*c), units.Digits(c.Cores), coreWords(cmp.Or(c.Limit, float64(b.Cores))), b.waits())
	case b.behind:
		say(LimitUnidentified, "Not identified: %s of %s offered were achieved, though no processor was busy enough "+
			"to be the limit (%s).%s",
			units.Rate(b.achieved), units.Rate(b.offered), b.consumption(), b.unmeasured())
	case b.silent > 0:
		say(LimitUnidentified, "Not identified: for %s at %s no expected answer came, though no processor was busy "+
			"enough to be the limit (%s).%s",
			units.Duration(b.silent), at, b.consumption(), b.unmeasured())
	case b.missed:
		say(LimitUnidentified, "Not identified: at %s no processor was busy enough to be the limit (%s).%s", at,
			b.consumption(), b.unmeasured())
	default:
		say(LimitNone, "No limit was reached at %s: %s.%s%s%s", at, b.consumption(), b.waits(), b.Queue.hint(),
			b.extrapolated())
	}
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
