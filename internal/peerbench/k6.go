package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// k6Script sends at a constant arrival rate. With too few virtual users k6 drops arrivals,
// so it may have as many as we have workers.
const k6Script = `import http from 'k6/http';
export const options = {
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)'],
  scenarios: { all: { executor: 'constant-arrival-rate',
    rate: %d, timeUnit: '1s', duration: '%ds', preAllocatedVUs: 50, maxVUs: 2048 } },
};
export default function () {
  http.post('%s', '%s', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
}
export function handleSummary(data) {
  const m = data.metrics, d = m.http_req_duration.values;
  return { '%s': JSON.stringify({ n: m.http_reqs.values.count, p: [d['p(50)'], d['p(95)'], d['p(99)']] }) };
}
`

// k6 runs k6, whose percentiles are of its own http_req_duration.
func k6(ctx context.Context, t task) (result, error) {
	dir, err := os.MkdirTemp("", "peerbench-k6-")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	script, summary := filepath.Join(dir, "script.js"), filepath.Join(dir, "summary.json")
	text := fmt.Sprintf(k6Script, int(t.Rate), int(t.Length.Seconds()), t.URL, body, summary)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		return result{}, err
	}
	cmd := exec.CommandContext(ctx, "k6", "run", "--quiet", "--no-usage-report", script)
	if out, err := cmd.CombinedOutput(); err != nil {
		return result{}, fmt.Errorf("k6: %w: %s", err, out)
	}
	told, err := os.ReadFile(summary)
	if err != nil {
		return result{}, fmt.Errorf("k6: %w", err)
	}
	var s struct {
		N int64     `json:"n"`
		P []float64 `json:"p"` // milliseconds
	}
	if err := json.Unmarshal(told, &s); err != nil || len(s.P) != 3 {
		return result{}, fmt.Errorf("k6: summary %q: %w", told, err)
	}
	r := result{OK: s.N, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	for _, ms := range s.P {
		r.Times = append(r.Times, time.Duration(ms*float64(time.Millisecond)))
	}
	return r, nil
}
