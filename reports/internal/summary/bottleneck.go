package summary

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/reports/internal/dbwaits"
	"github.com/oauthbench/oauthbench/reports/internal/refusals"
	"github.com/oauthbench/oauthbench/reports/internal/units"
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
	LimitRefusals     = "refusals"
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
	// server, database, generator, machine, connections, queue, refusals, a bench.WaitClass, failure, none or not
	// identified
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
	refused  refusals.Refused
	foreign  float64       // share of the machine that other programs used
	missed   bool          // a limit of the user's was missed under this load
	response time.Duration // on average, of all requests
	causes   []bench.Cause // what the version's own parts said is wrong with them
	per      string        // what one request is called
	behind   bool
	silent   silence // the longest
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
	case LimitRefusals:
		words = "the server refused requests"
	case string(bench.WaitLock), string(bench.WaitCommit), string(bench.WaitDisk), string(bench.WaitLatch):
		words = b.Limit + " in the database"
	case "server", "database", "generator", "machine":
		words = "CPU of the " + b.Limit
	}
	return words
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
		b.silent = b.silent.longer(silenceOf(t))
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
	b.refused = refusals.Of(trials)
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
		if p.Of(x.Role, x.Deployment.Name) && sameScenarios(p, trials[0].Load) {
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

// decide finds the limit and says it.
func (b *Bottleneck) decide() {
	for _, of := range limits {
		if b.Limit, b.Sentence = of(b, units.Rate(b.Rate)); b.Limit != "" {
			return
		}
	}
}

// limits are what can have been the limit, the first that was being it: what the version's own parts say
// is wrong with them; processors, the generator's first, for above its share it measures itself; what
// requests waited for; and where nothing that was measured explains what was missed, that. Each gives its
// name and says it with the numbers that it rests on, or is "". at is the rate in words.
var limits = []func(b *Bottleneck, at string) (limit, sentence string){
	failed, generatorCPU, allowedCPU, unknownServer, machineCPU, databaseWaits, connectionWaits, refusing,
	queueOfOne, unknownMachine, otherPrograms, burstsOfCPU, unexplained, noLimit,
}

func failed(b *Bottleneck, at string) (limit, sentence string) {
	if len(b.causes) == 0 {
		return "", ""
	}
	last := b.causes[len(b.causes)-1].String()
	return LimitFailure, fmt.Sprintf("Something failed at %s: %s.", at, plaintext.Line(last))
}

func generatorCPU(b *Bottleneck, at string) (limit, sentence string) {
	g := b.part("generator")
	if g == nil || g.Cores <= bench.MaxGeneratorShare*max(g.Limit, 1) {
		return "", ""
	}
	return g.Name, fmt.Sprintf("The generator was the limit at %s: it used %s of a core, and above %s it "+
		"measures itself.",
		at, units.Digits(g.Cores), units.Digits(bench.MaxGeneratorShare*max(g.Limit, 1)))
}

// allowedCPU is for a part that may use fewer processors than the machine has.
func allowedCPU(b *Bottleneck, at string) (limit, sentence string) {
	for _, name := range []string{"server", "database"} {
		if c := b.part(name); c != nil && c.Limit > 0 && c.Cores >= saturated*c.Limit {
			return name, fmt.Sprintf("The %s's CPU was the limit at %s: %s; it used %s of the %s it may use.", name, at,
				b.each(*c), units.Digits(c.Cores), coreWords(c.Limit))
		}
	}
	return "", ""
}

// full tells whether requests waited for each other at the pace of the server.
func (b *Bottleneck) full() bool { return b.Queue.full(b.Rate) }

func (b *Bottleneck) disturbed() bool { return b.foreign > bench.MaxForeignShare }

func unknownServer(b *Bottleneck, at string) (limit, sentence string) {
	if b.part("server") != nil || b.full() {
		return "", ""
	}
	if limit, sentence := refusing(b, at); limit != "" {
		return limit, sentence
	}
	return LimitUnidentified, "Not identified: what the server spent is not known." + b.Queue.hint()
}

func machineCPU(b *Bottleneck, at string) (limit, sentence string) {
	used := 0.0
	for _, c := range b.Parts {
		used += c.Cores
	}
	busy := b.Busy >= saturated && !b.disturbed()
	switch largest := b.largest(); {
	case busy && largest != nil:
		return largest.Name, fmt.Sprintf("The %s's CPU was the limit at %s: %s; it used %s of the machine's %s, which "+
			"were %.0f %% busy.", largest.Name, at, b.each(*largest), units.Digits(largest.Cores),
			coreWords(float64(b.Cores)), 100*b.Busy)
	case busy:
		return "machine", fmt.Sprintf("The machine's CPU was the limit at %s: its %s were %.0f %% busy, %s.", at,
			coreWords(float64(b.Cores)), 100*b.Busy, b.consumption())
	case b.Busy == 0 && b.Cores > 0 && used >= saturated*float64(b.Cores):
		return "machine", fmt.Sprintf("The machine's CPU was the limit at %s: of its %s these parts alone used %s: %s.",
			at,
			coreWords(float64(b.Cores)), units.Digits(used), b.consumption())
	}
	return "", ""
}

func databaseWaits(b *Bottleneck, at string) (limit, sentence string) {
	if !b.inDatabase() {
		return "", ""
	}
	return string(b.waiting.Class), fmt.Sprintf("%s the limit at %s: %s, while no processor was busy enough to be it "+
		"(%s).%s", b.waiting.Subject(), at, b.waiting, b.consumption(), b.waits())
}

func connectionWaits(b *Bottleneck, at string) (limit, sentence string) {
	const format = "The server's database connections were the limit at %s: %s, while no processor was busy " +
		"enough to be " +
		"it (%s).%s"
	switch {
	case b.Pool != nil && b.Busy > 0 && b.Pool.Share > mostlyWaiting:
		waited := fmt.Sprintf("%s, %.0f %% of their mean response time", b.Pool, 100*b.Pool.Share)
		return "connections", fmt.Sprintf(format, at, waited, b.consumption(), b.looked())
	case (b.missed || b.behind || b.full()) && b.Pool == nil && b.waiting != nil && b.waiting.Full():
		return "connections", fmt.Sprintf(format, at, b.waiting, b.consumption(), "")
	}
	return "", ""
}

func queueOfOne(b *Bottleneck, at string) (limit, sentence string) {
	if !b.full() {
		return "", ""
	}
	return LimitQueue, fmt.Sprintf("Requests waited for each other at %s, and that was the limit: %s; %s (%s).", at,
		b.Queue.pace(), b.Queue.shares(), b.consumption())
}

func unknownMachine(b *Bottleneck, _ string) (limit, sentence string) {
	if b.Busy != 0 {
		return "", ""
	}
	return LimitUnidentified, fmt.Sprintf("Not identified: how busy the machine was is not known (%s).%s",
		b.consumption(),
		b.Queue.hint())
}

func otherPrograms(b *Bottleneck, at string) (limit, sentence string) {
	if !b.disturbed() || !b.missed && !b.behind && b.silent.length == 0 {
		return "", ""
	}
	return LimitUnidentified, fmt.Sprintf("Not identified: other programs used %.0f %% of the machine at %s (%s).%s",
		100*b.foreign, at, b.consumption(), b.unmeasured())
}

func burstsOfCPU(b *Bottleneck, at string) (limit, sentence string) {
	c := b.bursts()
	if !b.missed || c == nil {
		return "", ""
	}
	return c.Name, fmt.Sprintf("The %s's CPU was most likely the limit at %s: %s; it used %s of %s, and "+
		"bursts wait for "+
		"them.%s", c.Name, at, b.each(*c), units.Digits(c.Cores), coreWords(cmp.Or(c.Limit, float64(b.Cores))),
		b.waits())
}

// unexplained is for what was missed though nothing was busy enough.
func unexplained(b *Bottleneck, at string) (limit, sentence string) {
	what := ""
	switch {
	case b.behind:
		what = fmt.Sprintf("%s of %s offered were achieved, though", units.Rate(b.achieved), units.Rate(b.offered))
	case b.silent.length > 0:
		what = b.silent.words(at) + ", though"
	case b.missed:
		what = fmt.Sprintf("at %s", at)
	default:
		return "", ""
	}
	return LimitUnidentified, fmt.Sprintf("Not identified: %s no processor was busy enough to be the limit (%s).%s",
		what,
		b.consumption(), b.unmeasured())
}

func noLimit(b *Bottleneck, at string) (limit, sentence string) {
	return LimitNone, fmt.Sprintf("No limit was reached at %s: %s.%s%s%s", at, b.consumption(), b.waits(),
		b.Queue.hint(), b.extrapolated())
}
