//go:build unix

package http1_test

import (
	"bytes"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/oauthbench/oauthbench/bench/http1"
	"github.com/oauthbench/oauthbench/internal/loopback"
)

func TestMain(m *testing.M) { loopback.Main(m) }

// spentCPU is what this process has used, user and system.
func spentCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRoundTrip is one request after another on one connection: the request as
// vegeta makes it, the answer read to its end.
func BenchmarkRoundTrip(b *testing.B) {
	url := loopback.Run(b)
	for _, side := range []struct {
		name string
		rt   http.RoundTripper
	}{{"sync", &http1.Transport{}}, {"std", &http.Transport{DisableCompression: true}}} {
		b.Run(side.name, func(b *testing.B) {
			client := &http.Client{Transport: side.rt}
			defer client.CloseIdleConnections()
			form := []byte("token=0123456789012345678901234567890123456789")
			b.ReportAllocs()
			before := spentCPU()
			for b.Loop() {
				req, err := http.NewRequest("POST", url, bytes.NewReader(form))
				if err != nil {
					b.Fatal(err)
				}
				req.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
				resp, err := client.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 || len(body) == 0 {
					b.Fatal(resp.Status, len(body), err)
				}
				resp.Body.Close()
			}
			b.ReportMetric(float64((spentCPU()-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkExchange is the same as an attack does it.
func BenchmarkExchange(b *testing.B) {
	url := loopback.Run(b)
	transport := &http1.Transport{}
	defer transport.CloseIdleConnections()
	r := http1.Request{Method: "POST", URL: url, Body: []byte("token=0123456789012345678901234567890123456789"),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	b.ReportAllocs()
	before := spentCPU()
	for b.Loop() {
		if a, err := transport.Exchange(r, 1<<20); err != nil || a.Code != 200 || len(a.Body) == 0 {
			b.Fatal(a, err)
		}
	}
	b.ReportMetric(float64((spentCPU()-before).Microseconds())/float64(b.N), "cpu-us/op")
}
