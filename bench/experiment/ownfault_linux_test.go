package experiment

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// generatorProcess is what a process is told that measures one trial and prints it. What is
// done to it then is done to the generator alone: the server lives in the test's process.
type generatorProcess struct {
	URL         string
	Descriptors uint64 // it may have; 0 leaves the limit as it is
	Load        bench.Load
}

const generatorVariable = "OAUTHBENCH_TEST_GENERATOR"

func TestMain(m *testing.M) {
	text := os.Getenv(generatorVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var p generatorProcess
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err)
	}
	if err := p.measure(); err != nil {
		panic(err)
	}
}

func (p generatorProcess) measure() error {
	if p.Descriptors > 0 {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE,
			&syscall.Rlimit{Cur: p.Descriptors, Max: p.Descriptors}); err != nil {
			return err
		}
	}
	e := Experiment{
		Loads: []bench.Load{p.Load},
		Sides: map[bench.Role]Side{bench.Candidate: {
			Deployment: "elsewhere", Client: generator.NewClient(p.Load.Timeout, p.Load.Workers),
			Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
				return getting{url: p.URL}, nil
			},
			Spent: func() bench.Spending { return bench.Spending{} },
		}},
		Store: func(t bench.Trial) error { return json.NewEncoder(os.Stdout).Encode(t) },
	}
	return e.Run(context.Background(), []bench.Slot{{Role: bench.Candidate, Seed: 1}})
}

// getting is a workload of requests for one address.
type getting struct {
	workload
	url string
}

func (g getting) Request(_ int, t *vegeta.Target) { t.Method, t.URL = "GET", g.url }

// trial starts the process, does something to it, and returns what it measured.
func (p generatorProcess) trial(t *testing.T, during func(process *os.Process)) bench.Trial {
	t.Helper()
	told, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), generatorVariable+"="+string(told))
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	during(cmd.Process)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	var trial bench.Trial
	if err := json.Unmarshal([]byte(out.String()), &trial); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	return trial
}

// A generator that is stopped for a second makes answers late that the server gave in
// time. The trial does not count, and says why.
func TestStoppedGeneratorIsNotTheServersFault(t *testing.T) {
	under := make(chan struct{})
	var requests atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if requests.Add(1) == 100 {
			close(under)
		}
	}))
	defer s.Close()
	p := generatorProcess{URL: s.URL, Load: bench.Load{
		Process: "constant", Streams: []bench.Stream{{Scenario: "token", Rate: 200}}, Length: 2 * time.Second,
		Timeout: 10 * time.Second, Workers: 64,
	}}
	var stopped time.Duration
	trial := p.trial(t, func(process *os.Process) {
		<-under
		if err := process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
			t.Fatalf("the process did not stop: %v, %v", status, err)
		}
		began := time.Now()
		time.Sleep(time.Second) // the fault itself
		stopped = time.Since(began)
		if err := process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	})
	if !slices.ContainsFunc(trial.Excluded, func(why string) bool {
		return strings.HasPrefix(why, "the generator stood still for ")
	}) {
		t.Errorf("stopped for %v: stood still for %v, excluded for %q", stopped, trial.Strain.StoodStill,
			trial.Excluded)
	}
	if late := trial.Measurements[0].Response.Max(); late < stopped/2 {
		t.Errorf("longest response %v: it was not stopped while it measured", late)
	}
}

// A generator without a descriptor left says so. What it could not send is no failure of
// the server, which only did not answer what did arrive.
func TestGeneratorWithoutDescriptorsIsNotTheServersFault(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	const descriptors, arrivals = 30, 100
	trial := generatorProcess{URL: s.URL, Descriptors: descriptors, Load: bench.Load{
		Process: "constant", Streams: []bench.Stream{{Scenario: "token", Rate: arrivals}}, Length: time.Second,
		Timeout: 2 * time.Second, Workers: arrivals,
	}}.trial(t, func(*os.Process) {})
	o := trial.Measurements[0].Outcomes
	if o.Unable == 0 || o.Timeout == 0 || o.Unreachable != 0 || o.Total() != arrivals {
		t.Errorf("outcomes %+v; want some unable to leave, the others timed out", o)
	}
	if n := trial.Cases(generator.NoDescriptor); n != o.Unable {
		t.Errorf("%d cases of %q for %d arrivals", n, generator.NoDescriptor, o.Unable)
	}
	if !slices.Contains(trial.Excluded, ownLimits[0].why) {
		t.Errorf("excluded for %q; want the descriptors named", trial.Excluded)
	}
}
