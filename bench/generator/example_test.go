package generator_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
)

// server answers within this process.
type server struct{}

func (server) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"access_token":"a"}`)),
	}, nil
}

// tokens is a workload of token requests. It takes every answer with a token for right.
type tokens struct{}

func (tokens) Request(_ int, t *vegeta.Target) { t.Method, t.URL = "POST", "http://server.test/token" }

func (tokens) Check(_ int, r *vegeta.Result) bench.Answer {
	if !strings.Contains(string(r.Body), "access_token") {
		return bench.Answer{Outcome: bench.Invalid, Case: "no token"}
	}
	return bench.Answer{}
}

func (tokens) Operation(int) string { return "token" }

func (tokens) Verify(context.Context) ([]generator.Finding, error) { return nil, nil }

func ExampleAttack() {
	schedule, err := bench.Draw("poisson", bench.Constant(200, time.Second), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	recorder := generator.NewRecorder(schedule, 0, time.Second)
	attack := generator.Attack{
		Client: generator.NewClientTransport(time.Second, server{}), Schedule: schedule, Workload: tokens{},
	}
	if err := attack.Run(context.Background(), recorder); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range recorder.Measurements(schedule.Length) {
		fmt.Println(m.Operation, m.Outcomes.OK, "of", m.Outcomes.Total())
	}
	// Output: token 200 of 200
}
