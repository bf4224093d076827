//go:build unix

package http1_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"oauthbench/bench/http1"
)

// A trivial server in a process of its own, so that what it spends is not counted as
// ours: this test binary, started again with this variable set.
const serverVariable = "OAUTHBENCH_HTTP1_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) == "" {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte() // the end of who started us
		os.Exit(0)
	}()
	body := []byte(`{"active":true,"scope":"bench","client_id":"client-1"}`)
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})))
}

func startServer(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait() // its exit code says nothing
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(address) + "/"
}

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
	url := startServer(b)
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
