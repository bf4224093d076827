package summary_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// loaded is a run of one trial of 10 s at a rate, alone or not, on a machine of 2 cores.
type loaded struct {
	rate                        float64
	server, database, generator float64 // cores; negative: not known
	busy                        float64 // of the machine; negative: not known
	settings                    map[string]string
	scenarios                   []string
	achieved                    float64 // share of the offered
	lost, refused               int64
	statements                  int64
	capacity                    float64
	pools                       []bench.Pool
	response                    time.Duration // mean
	answered                    []int64       // expected answers of each second; nil: not counted
	longest                     time.Duration // response time of what was due in the third second
	queue                       *bench.Queue
	workers                     int64 // that were all busy; 0: there were always more
	waits                       *bench.Waits
	foreign                     float64 // share of the machine
	missed                      bool    // a limit of the user's
}

func (l loaded) bottleneck(t *testing.T) summary.Bottleneck {
	t.Helper()
	const seconds = 10
	usage := func(cores float64) bench.Usage {
		if cores < 0 {
			return bench.Usage{}
		}
		return bench.Usage{CPU: time.Duration(cores * seconds * float64(time.Second)), Known: true}
	}
	if l.scenarios == nil {
		l.scenarios = []string{"token"}
	}
	if l.achieved == 0 {
		l.achieved = 1
	}
	load := bench.Load{Length: seconds * time.Second, Timeout: time.Second}
	for _, name := range l.scenarios {
		load.Streams = append(load.Streams, bench.Stream{Scenario: name, Rate: l.rate / float64(len(l.scenarios))})
	}
	n := int64(l.rate * seconds)
	trial := bench.Trial{
		Slot: bench.Slot{Role: bench.Candidate}, Load: load, Elapsed: seconds * time.Second, Sent: n, Planned: n,
		Offered: l.rate, Achieved: l.rate * l.achieved,
		Server: usage(l.server), Database: usage(l.database), Generator: usage(l.generator),
		Machine: bench.Interference{Known: l.busy >= 0, Cores: 2, Busy: max(l.busy, 0), Foreign: l.foreign},
		Measurements: []bench.Measurement{{Operation: "token",
			Outcomes: bench.Outcomes{OK: n - l.lost - l.refused, Timeout: l.lost, Rejected: l.refused},
			Cases:    map[string]int64{"status 429 slow_down": l.refused}, Response: bench.NewHistogram()}},
		Pools: l.pools, Queue: l.queue, Waits: l.waits, Strain: bench.Strain{InFlight: l.workers},
	}
	trial.Load.Workers = int(l.workers)
	if l.response > 0 {
		trial.Measurements[0].Response.Record(l.response)
	}
	for i, n := range l.answered {
		trial.Measurements[0].Timeline = append(trial.Measurements[0].Timeline,
			bench.Second{At: time.Duration(i) * time.Second, Answered: n})
		if i == 2 {
			sec := &trial.Measurements[0].Timeline[i]
			sec.Max, sec.Outcomes = l.longest, bench.Outcomes{OK: 40 - l.refused, Rejected: l.refused}
		}
	}
	if l.statements > 0 {
		trial.Counters = &bench.DatabaseCounters{
			Statements: []bench.Statement{{Text: "SELECT", Calls: l.statements * n}}}
	}
	d := bench.Deployment{Name: "server:v2", Settings: l.settings}
	s := &summary.Summary{Run: &bench.Run{Header: bench.Header{Loads: []bench.Load{load}},
		Trials: []bench.Trial{trial}}, Sides: []summary.Side{{bench.Candidate, d, []bench.Trial{trial}}}}
	if l.capacity > 0 {
		s.Run.Pilots = []bench.Pilot{{Deployment: d.Name, Scenarios: l.scenarios, Capacity: l.capacity}}
	}
	if l.missed {
		b, ok := summary.BottleneckOf(s.Run, bench.Candidate, s.Run.Trials, true)
		if !ok {
			t.Fatal("no bottleneck")
		}
		return b
	}
	all := summary.Bottlenecks(s)
	if len(all) != 1 {
		t.Fatalf("%d bottlenecks; want 1", len(all))
	}
	return all[0]
}

// oneAtATime is what a server shows that answers every 50 ms, and was busy for so many
// per cent of the time.
func oneAtATime(busy int) *bench.Queue {
	q := &bench.Queue{Observed: 100, Busy: time.Duration(busy), Waiting: time.Duration(busy - 10)}
	for left := range int64(4) {
		for range 20 {
			q.Add(left+1, 50*time.Millisecond)
		}
	}
	return q
}

// waited are looks at connections, with how many were busy and how many waited for one thing, on average.
func waited(connections, busy int64, kind, name string, mean float64) *bench.Waits {
	const looks = 50
	var w bench.Waits
	w.Looks = looks
	n := int64(mean * looks)
	w.Saw((connections-busy)*looks, false, "", "")
	w.Saw(n, true, kind, name)
	if rest := busy*looks - n; rest > 0 {
		w.Saw(rest, true, "", "")
	}
	return &w
}

func TestBottleneck(t *testing.T) {
	for name, c := range map[string]struct {
		load  loaded
		limit string
		words []string
	}{
		"the server, on a machine that is full": {
			loaded{rate: 46, server: 1.75, generator: .05, busy: .93}, "server",
			[]string{"The server's CPU was the limit at 46.0/s: 38.0 ms of CPU per token",
				"1.75 of the machine's 2 cores", "93 % busy"}},
		"the server, by the limit of its container": {
			loaded{rate: 50, server: .48, database: .1, busy: .35, settings: map[string]string{"limit.cpus": "0.5"}},
			"server",
			[]string{"The server's CPU was the limit at 50.0/s: 9.60 ms of CPU per token", "0.480 of the 0.500 cores"}},
		"the database, by the limit of its container": {
			loaded{rate: 50, server: .2, database: .98, busy: .6, statements: 7,
				settings: map[string]string{"limit.cpus": "1.5", "db.limit.cpus": "1"}}, "database",
			[]string{"The database's CPU was the limit at 50.0/s: 19.6 ms of CPU per token for 7.00 statements",
				"0.980 of the 1 core it"}},
		"the database, on a machine that is full": {
			loaded{rate: 100, server: .4, database: 1.3, busy: .9, scenarios: []string{"token", "revoke"}}, "database",
			[]string{"13.0 ms of CPU per request"}},
		"the generator": {loaded{rate: 5000, server: .3, generator: .9, busy: .7}, "generator",
			[]string{"0.900 of a core"}},
		"many, none of them most": {loaded{rate: 100, server: .6, database: .6, generator: .3, busy: .95}, "machine",
			[]string{"2 cores were 95 % busy", "server 0.600 cores", "database 0.600 cores"}},
		"strangers filled the machine": {loaded{rate: 10, server: .1, busy: .95, foreign: .9, missed: true},
			summary.LimitUnidentified, []string{"other programs used 90 % of the machine"}},
		"a lock, and all connections waited": {loaded{rate: 60, achieved: .5, server: .2, busy: .2,
			response: 90 * time.Millisecond, waits: waited(10, 10, "Lock", "transactionid", 9)}, "locks",
			[]string{"Locks in the database were the limit at 60.0/s: of 10.0 open connections to the database 10.0 " +
				"were busy, and 9.00 waited for a lock that another transaction held (transactionid 9.00)"}},
		"commits, of a part of the connections": {loaded{rate: 60, missed: true, server: .2, busy: .2,
			response: 20 * time.Millisecond, waits: waited(10, 1, "IO", "WalSync", .8)}, "commits",
			[]string{"Commits were the limit"}},
		"a few commits": {loaded{rate: 600, missed: true, server: .2, busy: .2, response: 20 * time.Millisecond,
			waits: waited(10, 1, "IO", "WalSync", .8)}, summary.LimitUnidentified,
			[]string{"0.800 waited for a commit to be written to the log (WalSync 0.800)"}},
		"one connection, which commits": {loaded{rate: 60, achieved: .5, server: .2, busy: .2,
			response: 20 * time.Millisecond, waits: waited(1, 1, "IO", "WalSync", .8),
			pools: []bench.Pool{{Limit: 1, Waits: 600, Waited: 600 * 15 * time.Millisecond}}}, "connections",
			[]string{"the one database connection: 15.0 ms each, 75 %", "0.800 waited for a commit"}},
		"all connections busy, of a server that tells nothing": {loaded{rate: 60, achieved: .5, server: .2, busy: .2,
			response: 90 * time.Millisecond, waits: waited(5, 5, "Client", "ClientRead", 4)}, "connections",
			[]string{"of 5.00 open connections to the database 5.00 were busy, and 4.00 waited for the server's next"}},
		"one connection, of a server that tells nothing": {loaded{rate: 19.9, server: .1, busy: .1,
			queue: oneAtATime(97), waits: waited(1, 1, "Client", "ClientRead", .5)}, "connections",
			[]string{"of 1.00 open connections to the database 1.00 were busy"}},
		"locks in a processor's way": {loaded{rate: 60, achieved: .5, server: 1.8, busy: .95,
			response: 90 * time.Millisecond, waits: waited(10, 10, "Lock", "tuple", 9)}, "server", nil},
		"a tail of bursts": {loaded{rate: 60, missed: true, server: 1.3, busy: .7}, "server",
			[]string{"most likely the limit", "bursts wait"}},
		"missed, and nothing was full": {loaded{rate: 60, missed: true, server: .3, busy: .2},
			summary.LimitUnidentified, []string{"Not identified: at 60.0/s no processor was busy enough"}},
		"nothing was full": {loaded{rate: 46, server: .5, busy: .3}, summary.LimitNone,
			[]string{"No limit was reached at 46.0/s", "server 0.500 cores (10.9 ms of CPU per token)", "30 % busy"}},
		"nothing was full, by pilot": {loaded{rate: 46, server: .9, busy: .5, capacity: 92}, summary.LimitNone,
			[]string{"At the 92.0/s of the pilot all parts together would need 1.80 of 2 cores: by this reckoning " +
				"the CPU is the limit there"}},
		"something else, by pilot": {loaded{rate: 46, server: .1, busy: .1, capacity: 92}, summary.LimitNone,
			[]string{"would need 0.200 of 2 cores: what is the limit there is not identified"}},
		"late, but nothing was full": {loaded{rate: 60, achieved: .5, server: .2, busy: .2}, summary.LimitUnidentified,
			[]string{"30.0/s of 60.0/s offered", "not measured"}},
		"lost, but nothing was full": {loaded{rate: 60, lost: 60, server: .2, busy: .2}, summary.LimitUnidentified,
			[]string{"Not identified"}},
		"late, and waited for a connection": {
			loaded{rate: 60, achieved: .5, server: .2, busy: .2, response: 5 * time.Millisecond,
				pools: []bench.Pool{{Name: "db", Limit: 10, Waits: 600, Waited: 600 * 3100 * time.Microsecond}}},
			"connections",
			[]string{"The server's database connections were the limit at 60.0/s: requests waited for one of 10 " +
				"database connections: 3.10 ms each, 62 % of their mean response time", "server 0.200 cores"}},
		"the longest wait of two pools": {
			loaded{rate: 60, server: .2, busy: .2, response: 4 * time.Millisecond,
				pools: []bench.Pool{{Name: "read", Limit: 8, Waited: 60 * time.Millisecond},
					{Name: "write", Limit: 1, Waits: 600, Waited: 1800 * time.Millisecond}}}, "connections",
			[]string{`the one database connection of the pool "write": 3.00 ms each, 75 %`}},
		"full, and waited for a connection": {
			loaded{rate: 60, server: 1.8, busy: .95, response: 5 * time.Millisecond,
				pools: []bench.Pool{{Limit: 10, Waits: 600, Waited: 1860 * time.Millisecond}}}, "server",
			[]string{"The server's CPU was the limit"}},
		"late, and waited little": {
			loaded{rate: 60, achieved: .5, server: .2, busy: .2, response: 50 * time.Millisecond,
				pools: []bench.Pool{{Limit: 10, Waits: 6, Waited: 600 * time.Millisecond}}}, summary.LimitUnidentified,
			[]string{"Requests waited for one of 10 database connections: 1.00 ms each. Waits for locks and disks " +
				"are not measured"}},
		"no limit, and none waited": {
			loaded{rate: 60, server: .2, busy: .2, response: 5 * time.Millisecond, pools: []bench.Pool{{Limit: 10}}},
			summary.LimitNone,
			[]string{"No request waited for a database connection."}},
		"silent for a while": {loaded{rate: 40, server: .1, busy: .1,
			answered: []int64{40, 40, 0, 0, 0, 160, 40, 40, 40, 40}}, summary.LimitUnidentified,
			[]string{"for at least 3.00 s at 40.0/s no expected answer came, though", "not measured"}},
		"silent for longer than the whole seconds of it": {loaded{rate: 40, server: .1, busy: .1,
			longest: 3700 * time.Millisecond, answered: []int64{40, 40, 0, 0, 0, 160, 40, 40, 40, 40}},
			summary.LimitUnidentified, []string{
				"for at least 3.00 s at 40.0/s no expected answer came (to what was due then one took up to " +
					"3.70 s), though"}},
		"silent, and what failed counts as the timeout": {loaded{rate: 40, server: .1, busy: .1, refused: 1,
			longest: 10 * time.Second, answered: []int64{40, 40, 0, 0, 0, 160, 40, 40, 40, 40}},
			summary.LimitUnidentified, []string{"no expected answer came, though"}},
		"slow from the first second to the last": {loaded{rate: 40, server: .1, busy: .1,
			answered: []int64{0, 0, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40}}, summary.LimitNone, nil},
		"a trickle": {loaded{rate: 4, server: .1, busy: .1,
			answered: []int64{4, 0, 6, 4, 0, 0, 9, 4, 4, 4}}, summary.LimitNone, nil},
		"unknown server": {loaded{rate: 60, server: -1, busy: -1}, summary.LimitUnidentified,
			[]string{"what the server spent is not known"}},
		"unknown server, full": {loaded{rate: 60, server: -1, database: .1, busy: .99}, summary.LimitUnidentified,
			[]string{"what the server spent is not known"}},
		"unknown machine": {loaded{rate: 46, server: .9, database: -1, busy: -1}, summary.LimitUnidentified,
			[]string{"how busy the machine was is not known", "server 0.900 cores"}},
		"unknown server, one at a time": {loaded{rate: 19, server: -1, busy: -1, queue: oneAtATime(95)},
			summary.LimitQueue, []string{"answers one at a time, the next 50.0 ms after the last however many wait",
				"seems to do 20.0/s", "under way 95 % of the time"}},
		"one at a time, at half of it": {loaded{rate: 10, server: .5, busy: .3, queue: oneAtATime(50)},
			summary.LimitNone, []string{"No limit was reached", "seems to do 20.0/s"}},
		"one at a time, on a core of two": {loaded{rate: 19, server: .95, busy: .5, queue: oneAtATime(95)},
			summary.LimitQueue, []string{"and that was the limit", "server 0.950 cores"}},
		"one at a time, on a full machine": {loaded{rate: 19, server: 1.9, busy: .98, queue: oneAtATime(95)}, "server",
			[]string{"CPU was the limit"}},
		"refused above a rate": {loaded{rate: 360, missed: true, server: .3, busy: .2, refused: 110},
			summary.LimitRefusals, []string{
				"The server itself was the limit at 360/s: 110 of 3,600 requests were refused " +
					"(status 429 slow_down), and no processor was busy enough", "server 0.300 cores"}},
		"refused, and what the server spends is not known": {loaded{rate: 360, missed: true, server: -1, busy: -1,
			refused: 110}, summary.LimitRefusals, []string{"(status 429 slow_down), and what it spent is not known"}},
		"refused on a full machine": {loaded{rate: 360, missed: true, server: 1.8, busy: .95, refused: 110}, "server",
			nil},
		"two refused of thousands": {loaded{rate: 360, missed: true, server: .3, busy: .2, refused: 2},
			summary.LimitUnidentified, nil},
		"the generator's workers were all busy": {loaded{rate: 19, server: -1, busy: -1, queue: oneAtATime(95),
			workers: 1},
			summary.LimitUnidentified, nil},
		"unknown machine, full": {loaded{rate: 46, server: 1.9, database: -1, busy: -1}, "machine",
			[]string{"of its 2 cores these parts alone used 1.90"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.load.bottleneck(t)
			if b.Limit != c.limit {
				t.Errorf("limit %q (%s); want %q", b.Limit, b.Sentence, c.limit)
			}
			for _, w := range c.words {
				if !strings.Contains(b.Sentence, w) {
					t.Errorf("%q; want %q in it", b.Sentence, w)
				}
			}
			// What was not measured is in no sentence.
			for part, cores := range map[string]float64{"database": c.load.database, "generator": c.load.generator} {
				if cores < 0 && strings.Contains(b.Sentence, part) {
					t.Errorf("%q speaks of the %s, which was not measured", b.Sentence, part)
				}
			}
			if c.load.pools == nil && c.load.queue == nil && c.load.waits == nil &&
				strings.Contains(b.Sentence, " waited") {
				t.Errorf("%q speaks of waits, which were not measured", b.Sentence)
			}
			if c.load.busy < 0 && strings.Contains(b.Sentence, "% busy") {
				t.Errorf("%q says how busy the machine was, which is not known", b.Sentence)
			}
		})
	}
}

// Every version and every load of an isolated run has its own.
func TestBottlenecksByLoad(t *testing.T) {
	r := fixture.UsualReport()
	half := len(r.Run.Trials) / 2
	r.Run.Loads = append(r.Run.Loads, r.Run.Loads[0])
	for i := range r.Run.Trials[half:] {
		r.Run.Trials[half+i].Part = 1
	}
	s := summary.Of(r)
	all := summary.Bottlenecks(s)
	if len(all) != 4 || all[0].Role != bench.Baseline || all[1].Load != 1 || all[3].Role != bench.Candidate {
		t.Errorf("%d bottlenecks: %+v", len(all), all)
	}
	if all := summary.Bottlenecks(summary.Of(fixture.Situations()["contradictory"])); all != nil {
		t.Errorf("figures that contradict each other have a bottleneck: %q", all[0].Sentence)
	}
}
