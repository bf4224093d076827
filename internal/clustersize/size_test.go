package clustersize

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/capacity"
	"github.com/oauthbench/oauthbench/bench/capacity/searches"
	"github.com/oauthbench/oauthbench/bench/grid"
	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/internal/hashing"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/internal/varied"
	"github.com/oauthbench/oauthbench/reports"
)

// What requests of the planted server cost, in CPU-seconds, and what it carries.
const (
	tokenCost, introspectCost, idleCost = 0.010, 0.001, 0.05
	carries                             = 300.0
)

// planted is a trial of a server whose costs are known and that carries so much.
func planted(rates map[string]float64, length time.Duration, carries float64, rng *rand.Rand) bench.Trial {
	t := bench.Trial{
		Slot: bench.Slot{Role: bench.Candidate}, Deployment: "server", Elapsed: length,
		Started: time.Unix(1_700_000_000, 0),
		Load:    bench.Load{Process: "poisson", Length: length},
	}
	cores, total := idleCost, 0.0
	for _, name := range []string{"token", "introspect"} {
		rate := rates[name]
		if rate == 0 {
			continue
		}
		total += rate
		t.Load.Streams = append(t.Load.Streams, bench.Stream{Scenario: name, Rate: rate})
		cores += rate * map[string]float64{"token": tokenCost, "introspect": introspectCost}[name]
	}
	p99 := 10 * time.Second
	if most := carries / 0.6; total < most {
		p99 = time.Duration(20 * float64(time.Millisecond) / (1 - total/most))
	}
	for _, stream := range t.Load.Streams {
		m := bench.NewMeasurement(stream.Scenario)
		m.Offered, m.Achieved = stream.Rate, stream.Rate
		n := max(int(stream.Rate*length.Seconds()), 1)
		for i := range n {
			u := min(float64(i+1)/float64(n), 1-0.5/float64(n))
			m.Response.Record(time.Duration(float64(p99) * math.Log(1-u) / math.Log(0.01)))
		}
		m.Service, m.Outcomes.OK = m.Response, int64(n)
		t.Measurements = append(t.Measurements, *m)
		t.Sent += int64(n)
	}
	t.Planned, t.Offered, t.Achieved = t.Sent, total, total
	noise := 1 + 0.005*rng.NormFloat64()
	t.Server = bench.Usage{CPU: time.Duration(cores * noise * float64(length)), PeakRSS: 80 << 20, Known: true}
	return t
}

// store writes a run of trials and returns its directory.
func store(t *testing.T, trials []bench.Trial, rule *searches.Rule) string {
	t.Helper()
	dir := t.TempDir()
	storeIn(t, dir, trials, rule)
	return dir
}

// storeIn writes a run of trials into a directory.
func storeIn(t *testing.T, dir string, trials []bench.Trial, rule *searches.Rule) {
	t.Helper()
	w, err := bench.CreateRunFile(filepath.Join(dir, session.FileName))
	if err != nil {
		t.Fatal(err)
	}
	h := bench.Header{
		Schema: bench.RunSchema, Deployments: map[bench.Role]bench.Deployment{bench.Candidate: {Name: "server",
			Version: "1", Settings: map[string]string{"hasher": "bcrypt", "bcrypt_cost": "11"}}},
		Environment: bench.Environment{Cores: 2, CPU: "old", Arch: "amd64"},
	}
	if rule != nil {
		err = rule.Store(&h)
	}
	err = errors.Join(err, w.WriteHeader(h))
	for _, trial := range trials {
		err = errors.Join(err, w.WriteTrial(trial))
	}
	if err = errors.Join(err, w.WriteEnd(bench.End{}), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// search stores a whole search with one mix.
func search(t *testing.T, mix map[string]float64) string {
	t.Helper()
	dir := t.TempDir()
	searchIn(t, dir, mix, carries)
	return dir
}

// searchIn stores a whole search on servers that carry so much together.
func searchIn(t *testing.T, dir string, mix map[string]float64, carries float64) {
	t.Helper()
	slo, err := verdict.ParseSLO("token p99 < 50ms")
	if err != nil {
		t.Fatal(err)
	}
	rule := searches.Rule{
		Limits: []verdict.SLO{slo}, Searches: 1, Rarest: mix["token"], Requests: 1000,
		Sides: map[bench.Role]searches.Side{bench.Candidate: searches.NewSide(carries, false)},
	}
	log := searches.NewLog(rule, bench.Candidate, 0, capacity.Result{})
	rng := rand.New(rand.NewPCG(1, 6))
	var trials []bench.Trial
	for {
		o, more, err := log.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			storeIn(t, dir, trials, &rule)
			return
		}
		rates := map[string]float64{}
		for name, share := range mix {
			rates[name] = o.Rate * share
		}
		trial := planted(rates, o.Length, carries, rng)
		trial.Pair = len(trials)
		trial.Search = &bench.SearchStep{Phase: o.Phase, Rate: o.Rate, Fresh: o.Fresh}
		if err := log.Take(len(trials), &trial); err != nil {
			t.Fatal(err)
		}
		trials = append(trials, trial)
	}
}

// alone stores a run of one operation.
func alone(t *testing.T, operation string, rate float64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(rate), 7))
	return store(t, []bench.Trial{planted(map[string]float64{operation: rate}, 30*time.Second, carries, rng)}, nil)
}

// asking are options as a command line gives them.
func asking(t *testing.T, args ...string) *Options {
	t.Helper()
	var o Options
	flags := pflag.NewFlagSet("size", pflag.ContinueOnError)
	o.Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return &o
}

// words shows all words of a report.
func words(w io.Writer, d *reports.Document) error { return d.WriteText(w, false) }

var evenMix = map[string]float64{"token": 0.5, "introspect": 0.5}

// The planted costs and capacity are found, and the largest answer decides.
func TestSizeFromStoredRuns(t *testing.T) {
	t.Parallel()
	dirs := []string{search(t, evenMix), alone(t, "token", 40), alone(t, "introspect", 200)}
	o := asking(t, "--peak", "token 300/s, introspect 300/s", "--surge", "1", "--cores", "4", "--retention", "30d")
	size, err := o.Size(dirs)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := size.Evidence.Cost(stored.ServerCPU)
	for operation, want := range map[string]float64{"token": tokenCost, "introspect": introspectCost} {
		if got := c.PerRequest[operation]; math.Abs(got/want-1) > 0.1 {
			t.Errorf("%s costs %v; want %v", operation, got, want)
		}
	}
	if low := size.Evidence.Capacity.Low; low > carries || low < 0.9*carries {
		t.Errorf("one instance carries %v; want about %v", low, carries)
	}
	// Limits: 600/s * 1.5 = 900/s of just below 300/s make 4, and one may fail. CPU: 3.3 cores
	// * 1.5 = 4.95 of 3.15 usable make 2, and one.
	if n := size.Need.Decides; n.Instances != 5 || n.Resource != "limits" {
		t.Errorf("%+v decides; want the limits with 5 instances", n)
	}
	var yaml bytes.Buffer
	if err := size.WriteKubernetes(&yaml); err != nil {
		t.Fatal(err)
	}
	// The autoscaler asks for no more connections than the database has: 20 are free for pools of 3.
	size.Evidence.Pool, size.Machines.Connections, size.Machines.ReservedOfThem = 3, 30, 10
	if err := size.WriteKubernetes(&yaml); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"maxReplicas: 10", "maxReplicas: 6", "replicas: 5", "maxSurge: 1",
		"maxUnavailable: 0", "cpu: 4000m", "memory: 100Mi"} {
		if !strings.Contains(yaml.String(), want) {
			t.Errorf("no %q in\n%s", want, yaml.String())
		}
	}
	o.out = t.TempDir()
	var text bytes.Buffer
	if decision, err := o.Answer(&text, words, dirs); err != nil || decision != verdict.Measured {
		t.Fatalf("%s, %v", decision, err)
	}
	for _, width := range []int{80, 100} {
		var answer strings.Builder
		if err := size.Document().WriteAnswer(&answer, false, width); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(answer.String(), "\n"), "\n")
		if len(lines) > 21 || !strings.Contains(answer.String(), "5 instances") ||
			!strings.Contains(answer.String(), "assumed: ") {
			t.Errorf("%d lines of %d columns:\n%s", len(lines), width, answer.String())
		}
		for _, line := range lines {
			if len([]rune(line)) > width {
				t.Errorf("%q is wider than %d columns", line, width)
			}
		}
	}
	for _, want := range []string{"5 instances", "assumed", "unknown", "condition number",
		"left in a rolling update"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	o.format, text = "html", bytes.Buffer{}
	if _, err := o.Answer(&text, words, dirs); err != nil || !strings.Contains(text.String(), `<h2 id="instances">`) {
		t.Errorf("the page has no table of instances, %v", err)
	}
	o.format, text = "json", bytes.Buffer{}
	if _, err := o.Answer(&text, words, dirs); err != nil || !json.Valid(text.Bytes()) {
		t.Errorf("json: %v\n%s", err, text.String())
	}
}

// What the runs do not carry is refused in one line that says how to measure it.
func TestSizeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	found, token, introspect := search(t, evenMix), alone(t, "token", 40), alone(t, "introspect", 200)
	for _, c := range []struct {
		name, peak, want string
		dirs             []string
	}{
		{"one mix", "token 300/s, introspect 300/s", "too much alike", []string{found}},
		{"another operation", "refresh 10/s", "what refresh costs was not measured", []string{found, token,
			introspect}},
		{"another mix", "token 10/s, introspect 300/s", "oauthbench capacity --mix introspect=96.8,token=3.23",
			[]string{found, token, introspect}},
		{"no search", "token 300/s", "no certified search has the mix of the peak", []string{token, alone(t, "token",
			20)}},
	} {
		_, err := asking(t, "--peak", c.peak).Size(c.dirs)
		if _, beyond := errors.AsType[*BeyondError](err); !beyond || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}

func TestOptionsAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"", "--peak is missing"},
		{"--peak token", `--peak "token"`},
		{"--peak token_0/s", "want an operation"},
		{"--peak=token 0/s", `"0/s"`},
		{"--peak=token auto", "want a rate such as 300/s"},
		{"--peak=token 1/s --headroom=-1%", `--headroom "-1%"`},
		{"--peak=token 1/s --retention=later", `--retention "later"`},
		{"--peak=token 1/s --failures=-1", "--failures -1"},
		{"--peak=token 1/s --cores=-1", "--cores -1"},
		{"--peak=token 1/s --instance-memory=much", `--instance-memory "much"`},
	} {
		var args []string
		for arg := range strings.SplitSeq(c.args, " --") {
			if arg != "" {
				args = append(args, "--"+strings.TrimPrefix(arg, "--"))
			}
		}
		if len(args) == 1 && !strings.Contains(args[0], "=") {
			args = strings.SplitN(args[0], " ", 2)
		}
		_, err := asking(t, args...).Size([]string{"nowhere"})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v; want %q", c.args, err, c.want)
		}
	}
}

// grown stores a grid of numbers of instances that contend a little, with one mix.
func grown(t *testing.T, mix map[string]float64, shared string) string {
	t.Helper()
	dir := t.TempDir()
	axis := grid.Axis{Name: grid.Replicas}
	h := grid.Header{Schema: grid.Schema, Shared: shared}
	for i, n := range []int{1, 2, 3, 4, 6, 8} {
		axis.Values = append(axis.Values, strconv.Itoa(n))
		h.Folders, h.Order = append(h.Folders, strconv.Itoa(n)), append(h.Order, i)
		folder := filepath.Join(dir, strconv.Itoa(n))
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		searchIn(t, folder, mix, together(n))
	}
	h.Grid = grid.Grid{axis}
	text, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, varied.FileName), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// together is what the planted instances carry on one database.
func together(n int) float64 { return carries * float64(n) / (1 + 0.05*float64(n-1)) }

// A grid of instances is planned with by its law; where they shared cores, which is contention and no
// scaling, that is said and one instance is planned with. What lies beyond the law is refused.
func TestSizeByTheScalabilityLaw(t *testing.T) {
	t.Parallel()
	of := grown(t, evenMix, "")
	more := []string{alone(t, "token", 40), alone(t, "introspect", 200)}
	args := []string{"--peak", "token 367/s, introspect 367/s", "--surge", "1", "--cores", "32"}
	size, err := asking(t, args...).Size(append(more, of))
	if err != nil {
		t.Fatal(err)
	}
	// 1101/s are wanted: 4 instances would carry 1200/s by proportion and carry 1043/s, 5 carry 1250/s.
	if n := size.Need.Decides; n.Instances != 6 || n.Resource != "limits" || !strings.Contains(n.Formula, "law") {
		t.Errorf("%+v decides; want the limits with 5 instances and 1 spare", n)
	}
	var text bytes.Buffer
	if err := size.Document().WriteText(&text, false); err != nil ||
		!strings.Contains(text.String(), "scalability law of") {
		t.Errorf("%v, no law in\n%s", err, text.String())
	}
	for peak, want := range map[string]string{
		"token 5000/s, introspect 5000/s": "no number of instances up to 16",
		"token 10/s, introspect 300/s":    "another mix",
	} {
		dirs := []string{of, more[0], more[1],
			search(t, map[string]float64{"token": 10.0 / 310, "introspect": 300.0 / 310})}
		_, err := asking(t, "--peak", peak, "--surge", "1").Size(dirs)
		if _, beyond := errors.AsType[*BeyondError](err); !beyond || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", peak, err, want)
		}
	}
	shared := grown(t, evenMix, "8 instances share 2 cores")
	if size, err = asking(t, args...).Size(append(more, shared)); err != nil ||
		!strings.Contains(strings.Join(size.Assumed, "; "), "contention and no scaling") ||
		size.Need.Decides.Instances != 5 {
		t.Errorf("%+v, %v; want 4 instances by proportion and 1 spare, and that it is assumed", size.Need.Decides, err)
	}
	if _, err := asking(t, args...).Size([]string{of, shared}); err == nil ||
		!strings.Contains(err.Error(), "give one") {
		t.Errorf("two grids: %v", err)
	}
}

// A peak that is out of all proportion to what was measured has one clear line for an answer.
func TestSizeBeyondTheData(t *testing.T) {
	t.Parallel()
	dirs := []string{search(t, evenMix), alone(t, "token", 40), alone(t, "introspect", 200)}
	_, err := asking(t, "--peak", "token 30000/s, introspect 30000/s").Size(dirs)
	if _, beyond := errors.AsType[*BeyondError](err); !beyond ||
		!strings.Contains(err.Error(), "times nothing is said") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("%v; want that nothing is said, in one line", err)
	}
}

// onMachine stores how fast a machine hashes.
func onMachine(t *testing.T, name string, cores int, took time.Duration) string {
	t.Helper()
	m := hashing.Machine{CPU: name, Arch: "amd64", Cores: cores,
		Hashes: []hashing.Hash{{Name: hashing.BCrypt, Cost: 10, Took: took}}}
	path := filepath.Join(t.TempDir(), "machine.json")
	text, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// On another machine the share of hashing is what a hash costs there, and nothing else has moved; all
// of which is said.
func TestHashingMovesToAnotherMachine(t *testing.T) {
	t.Parallel()
	dirs := []string{search(t, evenMix), alone(t, "token", 40), alone(t, "introspect", 200)}
	// Of the 10 ms of a token 8 ms are a hash of cost 11, which takes a quarter of that there.
	here, there := onMachine(t, "old", 2, 4*time.Millisecond), onMachine(t, "new", 16, time.Millisecond)
	peak := []string{"--peak", "token 300/s, introspect 300/s"}
	size, err := asking(t, append(peak, "--machine", there, "--measured-on", here)...).Size(dirs)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := size.Evidence.Cost(stored.ServerCPU)
	for operation, want := range map[string]float64{"token": tokenCost - 0.006, "introspect": introspectCost} {
		if got := c.PerRequest[operation]; math.Abs(got-want) > 0.1*want {
			t.Errorf("%s costs %v there; want %v", operation, got, want)
		}
	}
	var text bytes.Buffer
	if err := size.Document().WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"takes 2ms there and 8ms here", "not moved from old to new",
		"16 cores, all of the machine"} {
		if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	for want, args := range map[string][]string{
		"go together":   {"--machine", there},
		"were made on":  {"--machine", there, "--measured-on", there},
		"a hash alone":  {"--machine", there, "--measured-on", onMachine(t, "old", 2, time.Second)},
		"no such file":  {"--machine", filepath.Join(t.TempDir(), "none"), "--measured-on", here},
		"is no machine": {"--machine", filepath.Join(dirs[0], session.FileName), "--measured-on", here},
	} {
		if _, err := asking(t, append(slices.Clone(peak), args...)...).Size(dirs); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
}
