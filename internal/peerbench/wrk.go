package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// wrkScript prints wrk's own percentiles in microseconds.
const wrkScript = `done = function(summary, latency, requests)
  io.write(string.format("P %d %d %d %d\n", latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.requests))
end
`

var wrkLine = regexp.MustCompile(`(?m)^P (\d+) (\d+) (\d+) (\d+)$`)

// wrk runs wrk (a closed loop, from Debian): it has no rate, so it gets the connections
// that this rate would keep busy at 5 ms a request.
func wrk(ctx context.Context, t task) (result, error) {
	script, err := os.CreateTemp("", "peerbench-*.lua")
	if err != nil {
		return result{}, err
	}
	defer os.Remove(script.Name())
	if _, err := script.WriteString(wrkScript); err != nil {
		return result{}, err
	}
	if err := script.Close(); err != nil {
		return result{}, err
	}
	connections := strconv.Itoa(max(1, int(t.Rate*.006)))
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c"+connections, "-d"+strconv.Itoa(int(t.Length.Seconds()))+"s",
		"--timeout", "30s", "-s", script.Name(), t.URL)
	out, err := cmd.Output()
	if err != nil {
		return result{}, fmt.Errorf("wrk: %w", err)
	}
	found := wrkLine.FindSubmatch(out)
	if found == nil {
		return result{}, fmt.Errorf("wrk: no percentiles in its output %q", out)
	}
	var n [4]int64
	for i := range n {
		if n[i], err = strconv.ParseInt(string(found[i+1]), 10, 64); err != nil {
			return result{}, err
		}
	}
	r := result{OK: n[3], CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	for _, us := range n[:3] {
		r.Times = append(r.Times, time.Duration(us)*time.Microsecond)
	}
	return r, nil
}
