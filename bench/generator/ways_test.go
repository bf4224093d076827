package generator

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
)

// Whichever way requests go: never more are under way than there are workers, and of those that are due
// meanwhile one waits, or all are dropped.
func TestWorkersAreHeldOnEveryWay(t *testing.T) {
	const arrivals, workers = 20, 4
	for _, path := range paths {
		for _, catchUp := range bench.CatchUps {
			t.Run(fmt.Sprintf("%s/%s", path.name, catchUp), func(t *testing.T) {
				asked, goOn := make(chan struct{}, arrivals), make(chan struct{})
				url, requests := listening(t, func(c net.Conn, request func() bool) {
					for request() {
						asked <- struct{}{}
						<-goOn
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				})
				client := path.open(time.Minute, workers)
				defer client.Close()
				s, err := bench.Draw("constant", bench.Constant(arrivals, time.Second), 1)
				if err != nil {
					t.Fatal(err)
				}
				s = s.AtOnce()
				rec, counters := NewRecorder(s, 0, time.Minute), &Counters{}
				done := make(chan error)
				go func() {
					done <- Attack{Client: client, Schedule: s, Workload: posting{targeted{url: url}},
						MaxWorkers: workers, CatchUp: catchUp, Counters: counters}.Run(t.Context(), rec)
				}()
				for range workers {
					<-asked
				}
				sent, peak := int64(arrivals), int64(workers+1)
				if catchUp == bench.Drop {
					sent, peak = workers, workers
				}
				for counters.Dropped() < arrivals-sent {
					time.Sleep(time.Millisecond)
				}
				if n := requests.Load(); n != workers {
					t.Errorf("%d requests while all workers were busy; want %d", n, workers)
				}
				close(goOn)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				m := rec.Measurements(s.Length)[0]
				if want := (bench.Outcomes{OK: sent, Timeout: arrivals - sent}); m.Outcomes != want ||
					m.Unsent != arrivals-sent || requests.Load() != sent {
					t.Errorf("%+v, %d unsent, %d came; want %+v", m.Outcomes, m.Unsent, requests.Load(), want)
				}
				if inFlight, _ := counters.Peak(); inFlight < peak || inFlight > peak+1 {
					t.Errorf("%d in flight; want %d, or one that has ended but is not counted yet", inFlight, peak)
				}
				if counters.Released() != sent || counters.InFlight() != 0 {
					t.Errorf("%d released, %d in flight in the end; want %d and none", counters.Released(),
						counters.InFlight(), sent)
				}
			})
		}
	}
}

// countedRequests counts how often each arrival's request was asked for.
type countedRequests struct {
	posting
	asked []atomic.Int64
}

func (c countedRequests) Request(i int, t *vegeta.Target) {
	c.asked[i].Add(1)
	c.posting.Request(i, t)
}

// Two attacks of one client at once: where the loop is taken, the second one goes another way, and each arrival
// is asked for once.
func TestTwoAttacksAtOnce(t *testing.T) {
	const arrivals = 20
	asked, goOn := make(chan struct{}, 2*arrivals), make(chan struct{})
	url, requests := listening(t, func(c net.Conn, request func() bool) {
		for request() {
			asked <- struct{}{}
			<-goOn
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	s, err := bench.Draw("constant", bench.Constant(arrivals, time.Second), 1)
	if err != nil {
		t.Fatal(err)
	}
	s = s.AtOnce()
	client := NewClient(time.Minute, 2*arrivals)
	defer client.Close()
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			w := countedRequests{posting{targeted{url: url}}, make([]atomic.Int64, arrivals)}
			rec := NewRecorder(s, 0, time.Minute)
			if err := (Attack{Client: client, Schedule: s, Workload: w}).Run(t.Context(), rec); err != nil {
				t.Error(err)
				return
			}
			if m := rec.Measurements(s.Length)[0]; m.Outcomes != (bench.Outcomes{OK: arrivals}) {
				t.Errorf("outcomes %+v, %v", m.Outcomes, m.Cases)
			}
			for i := range w.asked {
				if n := w.asked[i].Load(); n != 1 {
					t.Errorf("arrival %d was asked for %d times", i, n)
				}
			}
		})
	}
	for range 2 * arrivals { // Both are under way.
		<-asked
	}
	close(goOn)
	all.Wait()
	if n := requests.Load(); n != 2*arrivals {
		t.Errorf("the server has read %d requests; want %d", n, 2*arrivals)
	}
}

// Whichever way requests go: how many are under way is counted when answers are read, however late they are looked
// at. Each answer here is looked at for longer than it takes until the next one is due, so that most wait for long.
func TestAnswersAreCountedWhenTheyAreRead(t *testing.T) {
	const arrivals, within, look, late = 200, 500 * time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			url, _ := listening(t, func(c net.Conn, request func() bool) {
				for request() {
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			})
			client := path.open(time.Minute, arrivals)
			defer client.Close()
			s, err := bench.Draw("constant", bench.Constant(arrivals/within.Seconds(), within), 1)
			if err != nil {
				t.Fatal(err)
			}
			rec := NewRecorder(s, 0, time.Minute)
			w := slowlyChecked{posting{targeted{url: url}}, look}
			if err := (Attack{Client: client, Schedule: s, Workload: w}).Run(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
			var response time.Duration
			for _, m := range rec.Measurements(within) {
				response += time.Duration(float64(m.Response.Mean()) * float64(m.Response.Count()))
			}
			counted := time.Duration(rec.InFlight() * float64(rec.Elapsed()))
			if counted < response/2 || counted > 2*response+arrivals*late {
				t.Errorf("%v under way by count, %v by response times", counted, response)
			}
		})
	}
}

// slowlyChecked takes its time to look at an answer.
type slowlyChecked struct {
	posting
	look time.Duration
}

func (w slowlyChecked) Check(i int, r *vegeta.Result) bench.Answer {
	time.Sleep(w.look) // the fault itself
	return w.posting.Check(i, r)
}
