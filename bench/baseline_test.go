package bench

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func someRun(trials ...Trial) *Run {
	return &Run{Header: someHeader(), Trials: trials, End: &End{At: time.Unix(1700000100, 0).UTC()}}
}

func right(t Trial) Trial {
	t.Measurements[0].Outcomes = Outcomes{OK: 200}
	t.Measurements[0].Cases = nil
	return t
}

func stored(t testing.TB) *StoredBaseline {
	t.Helper()
	b, err := StoreBaseline(someRun(right(someTrial(0, Baseline)), someTrial(0, Candidate), someTrial(1, Candidate),
		someTrial(1, Baseline)), Baseline, "v1", time.Unix(1700000200, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func written(t testing.TB, b *StoredBaseline) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBaselineReadsBackEqual(t *testing.T) {
	b := stored(t)
	data := written(t, b)
	if !bytes.Equal(data, written(t, b)) {
		t.Error("the same baseline is written in two ways")
	}
	got, err := ReadBaseline(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Trials) != 2 || got.Merged[0].Outcomes != (Outcomes{OK: 398, Rejected: 2}) ||
		got.Deployment().Name != "x" {
		t.Errorf("%d trials, %+v, %q; want 2, 398 OK and 2 rejected, x", len(got.Trials), got.Merged[0].Outcomes,
			got.Deployment().Name)
	}
	if q := got.Trials[0].Operations[0]; q.P95 != someTrial(0, Baseline).Measurements[0].Response.Quantile(.95) {
		t.Errorf("P95 %v; want that of the trial", q.P95)
	}
	sameHistogram(t, got.Operation("token").Response, b.Operation("token").Response)
	got.Merged, b.Merged = nil, nil // caches of histograms may differ
	if !reflect.DeepEqual(got, b) {
		t.Errorf("read %+v; want %+v", got, b)
	}
}

func TestBaselineRefusesWhatIsNoReference(t *testing.T) {
	cut := someRun(someTrial(0, Baseline))
	cut.End = nil
	excluded := someTrial(0, Baseline)
	excluded.Excluded = []string{"the clock was set"}
	wrong := someTrial(0, Baseline)
	wrong.Warmup = true
	wrong.Measurements[0].Outcomes = Outcomes{OK: 199, Invalid: 1}
	for _, c := range []struct {
		what string
		run  *Run
		role Role
		want string
	}{
		{"a crash", cut, Baseline, "not whole"},
		{"a role that was not deployed", someRun(someTrial(0, Baseline)), Candidate, "no candidate"},
		{"every trial disturbed", someRun(excluded), Baseline, "1 of the 1 pairs"},
		{"a third of them", someRun(excluded, someTrial(1, Baseline), someTrial(2, Baseline)), Baseline,
			"1 of the 3 pairs"},
		{"a wrong answer, even while warming up", someRun(wrong, someTrial(0, Baseline)), Baseline,
			"answered token wrongly 1 times"},
	} {
		if _, err := StoreBaseline(c.run, c.role, "x", time.Time{}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.what, err, c.want)
		}
	}
}

// The largest run there is: 15 epochs of 4 pairs, five operations, long tails.
func TestBaselineIsSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var trials []Trial
	for pair := range 60 {
		one := Trial{Slot: Slot{Epoch: pair / 4, Pair: pair, Role: Baseline}, Deployment: "x", Sent: 5000,
			Started: time.Unix(1700000000, 0).UTC()}
		for _, operation := range []string{"token", "introspect", "revoke", "refresh", "userinfo"} {
			m := NewMeasurement(operation)
			for range 1000 {
				m.Response.Record(time.Duration(5e6 * (1 + r.ExpFloat64()*r.ExpFloat64())))
				m.Service.Record(time.Duration(4e6 * (1 + r.ExpFloat64()*r.ExpFloat64())))
				m.SendLag.Record(time.Duration(1e5 * r.ExpFloat64()))
			}
			m.Outcomes.OK = 1000
			one.Measurements = append(one.Measurements, *m)
		}
		trials = append(trials, one)
	}
	b, err := StoreBaseline(someRun(trials...), Baseline, "v1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(written(t, b)); n > 200_000 {
		t.Errorf("%d bytes; want at most 200,000", n)
	} else {
		t.Logf("%d bytes", n)
	}
}

func zipped(text string) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write([]byte(text)) // into memory
	_ = z.Close()
	return out.Bytes()
}

func TestBaselineReaderNamesDamage(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(written(t, stored(t))))
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	whole := plain.String()
	change := func(old, new string) []byte {
		if !strings.Contains(whole, old) {
			t.Fatalf("no %q in %s", old, whole)
		}
		return zipped(strings.Replace(whole, old, new, 1))
	}
	for _, c := range []struct {
		what, want string
		file       []byte
	}{
		{"not packed", "not a baseline", []byte(whole)},
		{"cut short", "damaged", written(t, stored(t))[:300]},
		{"another program's", `format "x"`, zipped(`{"format":"x"}`)},
		{"newer", "schema 9", change(`"schema":1`, `"schema":9`)},
		{"without its role", `role ""`, change(`"role":"baseline","header"`, `"role":"","header"`)},
		{"percentiles out of order", "cannot be", change(`"p50_ns":`, `"p50_ns":9`)},
		{"counts that do not add up", "do not add up", change(`"ok":200`, `"ok":201`)},
		{"an operation that is not in the whole", "not in the whole",
			change(`"operations":[{"operation":"token"`,
				`"operations":[{"operation":"revoke","p50_ns":1,"p95_ns":1,"p99_ns":1},{"operation":"token"`)},
		{"more operations than can be", "at most 64",
			zipped(`{"format":"oauthbench-baseline","schema":1,"merged":[` + strings.Repeat("{},", 99) + `{}]}`)},
		{"larger than any", "not one of ours", zipped(strings.Repeat(" ", maxBaseline+1))},
	} {
		if _, err := ReadBaseline(bytes.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q", c.what, err, c.want)
		}
	}
}

func FuzzBaselineReader(f *testing.F) {
	z, err := gzip.NewReader(bytes.NewReader(written(f, stored(f))))
	if err != nil {
		f.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(z); err != nil {
		f.Fatal(err)
	}
	f.Add(plain.Bytes())
	f.Add([]byte(`{"format":"oauthbench-baseline","schema":1,"role":"candidate","merged":[{"response":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := ReadBaseline(bytes.NewReader(data)); err == nil && len(data) == 0 {
			t.Error("nothing was read as a baseline")
		}
		b, err := ReadBaseline(bytes.NewReader(zipped(string(data))))
		if err != nil {
			return
		}
		b.Deployment()
		for _, m := range b.Merged {
			m.Response.Quantiles(.5, .95, .99)
		}
		if _, err := ReadBaseline(bytes.NewReader(written(t, b))); err != nil {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}
