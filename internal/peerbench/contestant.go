package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/bench/host"
)

// contestantPart is the argument that makes this program one generator.
const contestantPart = "contestant-part"

// task is what a contestant is asked for, on its standard input.
type task struct {
	Contestant string        `json:"contestant"`
	URL        string        `json:"url"`
	Rate       float64       `json:"rate"` // requests per second
	Length     time.Duration `json:"length"`
	// Numbered asks for requests that tell the server their number.
	Numbered bool   `json:"numbered"`
	Kind     string `json:"kind,omitempty"` // of the exchanges, by name
	// Lag asks for send lag, where the contestant does not record it anyway.
	Lag bool `json:"lag"`

	pacing    bench.Pacing    // of ours
	transport bench.Transport // of ours
}

// result is what a contestant says of its run.
type result struct {
	OK       int64           `json:"ok"`
	Achieved float64         `json:"achieved"` // requests per second that ended OK
	Times    []time.Duration `json:"times"`    // its own P50, P95 and P99
	Lag      []time.Duration `json:"lag"`      // P50 and P99 of send lag
	FirstDue int64           `json:"first"`    // when its first numbered request was due, unix nanoseconds
	Told     []time.Duration `json:"told"`     // what it told of each request, by number; 0 where that was no answer
	PeakRSS  int64           `json:"peak_rss_bytes"`
	Mallocs  uint64          `json:"mallocs"` // from when it began to send
	Before   time.Duration   `json:"before"`  // CPU of its process until then

	CPU time.Duration `json:"-"` // of its process from then on, as the system says
}

// contestants are the generators that run in processes of this program.
var contestants = map[string]func(requests) (result, error){
	"ours":                ours,
	"ours, relaxed":       func(t requests) (result, error) { t.pacing = bench.Relaxed; return ours(t) },
	"ours, std transport": func(t requests) (result, error) { t.transport = bench.Std; return ours(t) },
	"vegeta":              plainVegeta,
}

// contest does one task.
func contest(stdin io.Reader, stdout io.Writer) error {
	var t task
	if err := json.NewDecoder(stdin).Decode(&t); err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	do, ok := contestants[t.Contestant]
	if !ok {
		return fmt.Errorf("unknown contestant %q", t.Contestant)
	}
	all, err := t.prepare()
	if err != nil {
		return err
	}
	var begin, end runtime.MemStats
	runtime.ReadMemStats(&begin)
	before := host.ProcessUsage(os.Getpid()).CPU
	r, err := do(all)
	if err != nil {
		return err
	}
	runtime.ReadMemStats(&end)
	r.Before, r.Mallocs = before, end.Mallocs-begin.Mallocs
	r.PeakRSS = host.ProcessUsage(os.Getpid()).PeakRSS
	return json.NewEncoder(stdout).Encode(r)
}

// posted is the requests as a workload.
type posted struct{ requests }

func (p posted) Request(i int, t *vegeta.Target) { p.fill(i, t) }

// numberOf is the number that fill put into a URL; 0 without one.
func numberOf(url string) int {
	_, text, _ := strings.Cut(url, "?n=")
	n, _ := strconv.Atoi(text)
	return n
}

func (posted) Check(_ int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return bench.Answer{Outcome: bench.Rejected, Case: "status"}
	}
	return bench.Answer{}
}
func (posted) Operation(int) string                                { return "introspect" }
func (posted) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }

// ours is one trial as every run of oauthbench makes it.
func ours(t requests) (result, error) {
	const timeout, seed = 30 * time.Second, 1
	k := kindOf(t.Kind)
	if k.http2 {
		t.transport = bench.Std
	}
	client := generator.OpenClient(generator.ClientOptions{Transport: t.transport, Timeout: timeout,
		Connections: bench.DefaultMaxWorkers, TLS: anyCertificate, HTTP2: k.http2})
	defer client.Close()
	load := bench.Load{
		Process: "constant", Streams: []bench.Stream{{Scenario: "introspect", Rate: t.Rate}},
		Length: t.Length, Timeout: timeout, Workers: bench.DefaultMaxWorkers, Pacing: t.pacing, Transport: t.transport,
	}
	var schedule bench.Schedule // again, to know the number of each request
	var told []time.Duration
	var watch func(string, time.Duration, time.Duration)
	if t.Numbered {
		var err error
		if schedule, err = load.Draw(seed); err != nil {
			return result{}, err
		}
		told = make([]time.Duration, schedule.Count)
		watch = func(_ string, intended, response time.Duration) {
			number := sort.Search(schedule.Count, func(i int) bool { return schedule.At(i).Due >= intended })
			told[number] = response
		}
	}
	var trial bench.Trial
	e := experiment.Experiment{
		Watch: watch,
		Loads: []bench.Load{load},
		Sides: map[bench.Role]experiment.Side{bench.Candidate: {
			Deployment: "peerbench", Client: client,
			Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
				return posted{t}, nil
			},
			Spent: func() bench.Spending { return bench.Spending{} },
		}},
		Store: func(t bench.Trial) error { trial = t; return nil },
	}
	if err := e.Run(context.Background(), []bench.Slot{{Role: bench.Candidate, Seed: seed}}); err != nil {
		return result{}, err
	}
	m := trial.Measurements[0]
	r := result{
		OK: m.Outcomes.OK, Achieved: m.Achieved,
		Times: m.Response.Quantiles(.5, .95, .99),
		Lag:   m.SendLag.Quantiles(.5, .99),
		Told:  told,
	}
	if t.Numbered {
		r.FirstDue = trial.Started.Add(schedule.At(0).Due).UnixNano()
	}
	return r, nil
}

// plainVegeta is vegeta's attacker as its library comes, with its own metrics.
func plainVegeta(t requests) (result, error) {
	target := vegeta.Target{}
	t.fill(0, &target)
	targeter := vegeta.NewStaticTargeter(target)
	if !t.alike() {
		var next atomic.Int64
		targeter = func(target *vegeta.Target) error { t.fill(int(next.Add(1)-1), target); return nil }
	}
	pacer := &watched{ConstantPacer: vegeta.ConstantPacer{Freq: int(t.Rate), Per: time.Second}}
	interval := time.Second / time.Duration(t.Rate)
	var metrics vegeta.Metrics
	var lags, told []time.Duration
	if t.Numbered {
		told = make([]time.Duration, int(t.Rate*t.Length.Seconds())+1)
	}
	var end time.Time
	k := kindOf(t.Kind)
	attacker := vegeta.NewAttacker(vegeta.TLSConfig(anyCertificate.Clone()), vegeta.HTTP2(k.http2))
	for r := range attacker.Attack(targeter, pacer, t.Length, "") {
		metrics.Add(r)
		if i := numberOf(r.URL); t.Numbered && i < len(told) && r.Code == http.StatusOK {
			told[i] = r.Latency
		}
		if end = r.End(); t.Lag {
			// Its k-th hit is due k+1 intervals after its beginning.
			lags = append(lags, r.Timestamp.Sub(pacer.began)-time.Duration(r.Seq+1)*interval)
		}
	}
	metrics.Close()
	ok := int64(metrics.StatusCodes[strconv.Itoa(http.StatusOK)])
	return result{
		OK: ok, Achieved: float64(ok) / max(t.Length, end.Sub(pacer.began)).Seconds(),
		Times:    []time.Duration{metrics.Latencies.P50, metrics.Latencies.P95, metrics.Latencies.P99},
		Lag:      quantiles(lags, .5, .99),
		FirstDue: pacer.began.Add(interval).UnixNano(),
		Told:     told,
	}, nil
}

// watched is vegeta's pacer, which also learns when the attack began.
type watched struct {
	vegeta.ConstantPacer
	began time.Time
}

// Pace implements vegeta.Pacer.
func (w *watched) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if w.began.IsZero() {
		w.began = time.Now().Add(-elapsed)
	}
	return w.ConstantPacer.Pace(elapsed, hits)
}
