package metrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/experiment"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// calls is a workload of one operation.
type calls struct{ url string }

func (c calls) Request(_ int, t *vegeta.Target) { *t = vegeta.Target{Method: "GET", URL: c.url} }
func (calls) Operation(int) string              { return "call" }
func (calls) Verify(context.Context) ([]generator.Finding, error) {
	return nil, nil
}

func (calls) Check(_ int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return bench.Answer{Outcome: bench.Rejected, Case: "status"}
	}
	return bench.Answer{Outcome: bench.OK}
}

// measured measures a server that answers at once, and has the recorder follow.
func measured(t *testing.T, r *Recorder) *bench.Run {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	client := generator.OpenClient(generator.ClientOptions{Timeout: 10 * time.Second, Connections: 4})
	t.Cleanup(client.Close)
	load := bench.Load{Process: "constant", Streams: []bench.Stream{{Scenario: "call", Rate: 200}},
		Length: 200 * time.Millisecond, LeadIn: 100 * time.Millisecond, Timeout: 10 * time.Second, Workers: 4}
	run := &bench.Run{}
	e := experiment.Experiment{
		Loads: []bench.Load{load}, Progress: &experiment.Progress{},
		Sides: map[bench.Role]experiment.Side{bench.Candidate: {
			Deployment: "it:v2", Client: client, Spent: func() bench.Spending { return bench.Spending{} },
			Prepare: func(context.Context, bench.Load, bench.Schedule, uint64) (generator.Workload, error) {
				return calls{server.URL}, nil
			},
		}},
		Store: func(trial bench.Trial) error {
			run.Trials = append(run.Trials, trial)
			r.Publish(run)
			return nil
		},
	}
	stop := r.Follow(e.Progress, 3)
	if err := e.Run(t.Context(), []bench.Slot{{Role: bench.Candidate, Seed: 1, Warmup: true},
		{Role: bench.Candidate, Seed: 2}}); err != nil {
		t.Fatal(err)
	}
	stop()
	run.End = &bench.End{}
	r.Publish(run)
	return run
}

// scraped asks for the figures as Prometheus does, in a form.
func scraped(t *testing.T, url, accept string) map[string]*dto.MetricFamily {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	families := map[string]*dto.MetricFamily{}
	d := expfmt.NewDecoder(response.Body, expfmt.ResponseFormat(response.Header))
	for {
		f := &dto.MetricFamily{}
		if err := d.Decode(f); errors.Is(err, io.EOF) {
			return families
		} else if err != nil {
			t.Fatal(err)
		}
		families[f.GetName()] = f
	}
}

// offered has the recorder serve on a free port and returns where.
func offered(t *testing.T, r *Recorder) string {
	t.Helper()
	url := ""
	stop := r.Offer("127.0.0.1:0", "v1", func(what string) { url = strings.TrimPrefix(what, "metrics: ") },
		func(err error) { t.Error(err) })
	t.Cleanup(stop)
	return url
}

// Every answer is in the histograms, of the lead-in and of warm-ups apart, and every outcome is
// counted when its trial has ended; in protobuf the histograms are native, too.
func TestFiguresOfARun(t *testing.T) {
	r := NewRecorder("v1")
	url := offered(t, r)
	run := measured(t, r)
	const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	for _, accept := range []string{protobuf, "text/plain"} {
		families := scraped(t, url, accept)
		sums := map[string]uint64{}
		for _, m := range families["oauthbench_response_time_seconds"].GetMetric() {
			labels := labelsOf(m)
			if labels["role"] != "candidate" || labels["deployment"] != "it:v2" || labels["operation"] != "call" {
				t.Errorf("labels %v", labels)
			}
			sums[labels["phase"]] += m.GetHistogram().GetSampleCount()
			if native := len(m.GetHistogram().GetPositiveSpan()) > 0; native != (accept == protobuf) {
				t.Errorf("%s: native histogram: %v", accept, native)
			}
			if len(m.GetHistogram().GetBucket()) == 0 {
				t.Errorf("%s: no classic buckets", accept)
			}
		}
		// 40 arrivals in each trial, half of them in its lead-in.
		if sums["warm-up"] != 60 || sums["trial"] != 20 {
			t.Errorf("%s: %v answers; want 60 while warming up and 20 of the trial", accept, sums)
		}
	}
	families := scraped(t, url, protobuf)
	counted := map[string]float64{}
	for _, m := range families["oauthbench_requests_total"].GetMetric() {
		counted[labelsOf(m)["outcome"]] += m.GetCounter().GetValue()
	}
	var want float64
	for _, trial := range run.Trials {
		for _, m := range trial.Measurements {
			want += float64(m.Outcomes.Total())
		}
	}
	if counted["ok"] != want || want == 0 {
		t.Errorf("outcomes %v; want %v ok", counted, want)
	}
	for name, value := range map[string]float64{"oauthbench_trials_planned": 3, "oauthbench_run_ended": 1,
		"oauthbench_info": 1} {
		if got := families[name].GetMetric()[0].GetGauge().GetValue(); got != value {
			t.Errorf("%s = %v; want %v", name, got, value)
		}
	}
	if got := families["oauthbench_trials_total"].GetMetric()[0].GetCounter().GetValue(); got != 1 {
		t.Errorf("%v trials; want 1, for a warm-up is none", got)
	}
}

func labelsOf(m *dto.Metric) map[string]string {
	labels := map[string]string{}
	for _, l := range m.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	return labels
}

// A second run of one recorder is counted on top of the first.
func TestRunsAreCountedOn(t *testing.T) {
	r := NewRecorder("v1")
	url := offered(t, r)
	measured(t, r)
	measured(t, r)
	trials := scraped(t, url, "text/plain")["oauthbench_trials_total"].GetMetric()
	if len(trials) != 1 || trials[0].GetCounter().GetValue() != 2 {
		t.Errorf("trials %v; want 2 of one version", trials)
	}
}

// A port that is in use, and an address that is none, are said in one line, and nothing else
// happens.
func TestPortInUse(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	for _, address := range []string{taken.Listener.Addr().String(), "nowhere", "127.0.0.1:99999"} {
		var warned []string
		stop := NewRecorder("v1").Offer(address, "v1", func(what string) { t.Errorf("said %q", what) },
			func(err error) { warned = append(warned, err.Error()) })
		stop()
		if len(warned) != 1 || !strings.HasPrefix(warned[0], "--metrics "+address+": ") ||
			!strings.HasSuffix(warned[0], "; the run goes on without it") || strings.Contains(warned[0], "\n") {
			t.Errorf("%s: warned %q; want one line", address, warned)
		}
	}
}

// Nobody who was not asked listens: a trial without listeners tells nobody.
func TestNobodyIsToldUnasked(t *testing.T) {
	var r *Recorder
	r.Publish(&bench.Run{})
	r.Follow(&experiment.Progress{}, 1)()
	t.Setenv(endpointVariable, "")
	t.Setenv(metricsEndpointVariable, "")
	if Wanted("") {
		t.Error("figures are wanted that nobody asked for")
	}
	for name, value := range map[string]string{disabledVariable: "TRUE", exporterVariable: "none"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(endpointVariable, "http://127.0.0.1:4318")
			if !Wanted("") {
				t.Error("an endpoint is not enough")
			}
			t.Setenv(name, value)
			if Wanted("") {
				t.Error("figures are wanted that are switched off")
			}
		})
	}
}

func BenchmarkObserve(b *testing.B) {
	r := NewRecorder("v1")
	a := experiment.Arrival{Slot: bench.Slot{Role: bench.Candidate}, Deployment: "it:v2", Operation: "call"}
	i := 0
	for b.Loop() {
		i++
		a.Response = time.Duration(1+i%50) * time.Millisecond
		r.observe(a)
	}
}
