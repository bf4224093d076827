package generator

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/internal/loopback"
)

func TestMain(m *testing.M) { loopback.Main(m) }

// posted sends what an introspection would.
type posted struct {
	url    string
	header http.Header
	body   []byte
}

func newPosted(url string) posted {
	return posted{url, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		[]byte("token=0123456789012345678901234567890123456789")}
}

func (p posted) Request(_ int, t *vegeta.Target) {
	t.Method, t.URL, t.Header, t.Body = "POST", p.url, p.header, p.body
}
func (posted) Check(_ int, r *vegeta.Result) bench.Answer {
	if r.Code != 200 {
		return bench.Answer{Outcome: bench.Rejected, Case: "status"}
	}
	return bench.Answer{}
}
func (posted) Operation(int) string                      { return "introspect" }
func (posted) Verify(context.Context) ([]Finding, error) { return nil, nil }

// BenchmarkAttack is the whole path of one request at a fixed rate, ours (schedule,
// workload, three histograms, time-line) beside plain vegeta with its own Metrics.
// cpu-us/req is this process's CPU time; it needs -benchtime 10000x or more to mean
// anything, for the system counts CPU in steps of 10 ms.
func BenchmarkAttack(b *testing.B) {
	url := loopback.Run(b)
	for _, rate := range []int{2000, 5000} {
		b.Run(fmt.Sprintf("ours/rate=%d", rate), func(b *testing.B) {
			s, err := bench.Draw("constant",
				bench.Constant(float64(rate), time.Duration(b.N)*time.Second/time.Duration(rate)), 1)
			if err != nil {
				b.Fatal(err)
			}
			client := NewClient(10*time.Second, bench.DefaultMaxWorkers)
			defer client.Close()
			rec := NewRecorder(s, 0, 10*time.Second)
			measureCPU(b, func() {
				if err := (Attack{Client: client, Schedule: s, Workload: newPosted(url)}).Run(b.Context(),
					rec); err != nil {
					b.Fatal(err)
				}
			})
			if m := rec.Measurements(s.Length)[0]; int(m.Outcomes.OK) != b.N {
				b.Fatalf("%+v; want %d OK", m.Outcomes, b.N)
			}
		})
		b.Run(fmt.Sprintf("vegeta/rate=%d", rate), func(b *testing.B) {
			p := newPosted(url)
			targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: "POST", URL: p.url, Header: p.header,
				Body: p.body})
			var metrics vegeta.Metrics
			measureCPU(b, func() {
				pacer := vegeta.ConstantPacer{Freq: rate, Per: time.Second}
				for r := range vegeta.NewAttacker().Attack(targeter, pacer,
					time.Duration(b.N)*time.Second/time.Duration(rate), "") {
					metrics.Add(r)
				}
			})
			metrics.Close()
		})
	}
}

func measureCPU(b *testing.B, run func()) {
	b.ReportAllocs()
	b.ResetTimer()
	before := host.ProcessUsage(os.Getpid())
	run()
	spent := host.ProcessUsage(os.Getpid()).Since(before)
	b.StopTimer()
	b.ReportMetric(float64(spent.CPU.Microseconds())/float64(b.N), "cpu-us/req")
}

// BenchmarkRecorder is what the recorder adds to one request; it must not allocate.
func BenchmarkRecorder(b *testing.B) {
	s, err := bench.Draw("constant", bench.Constant(2000, time.Duration(b.N)*time.Second/2000), 1)
	if err != nil {
		b.Fatal(err)
	}
	rec := NewRecorder(s, 0, 10*time.Second)
	began := time.Now()
	rec.begin(began)
	r := &vegeta.Result{Code: 200, Latency: 5 * time.Millisecond}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range s.Count {
		r.Timestamp = began.Add(s.At(i).Due)
		rec.add(i, "token", r, bench.Answer{}, r.Timestamp.Add(r.Latency))
	}
}
