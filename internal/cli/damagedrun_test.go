package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/internal/judged"
	"github.com/oauthbench/oauthbench/internal/session"
	"github.com/oauthbench/oauthbench/reports"
)

// FuzzReportOfDamagedRun reports on run files of which values were replaced, taken away and
// doubled: whatever is refused, nothing panics or takes all memory.
func FuzzReportOfDamagedRun(f *testing.F) {
	stored, err := os.ReadFile(filepath.Join(madeRun{epochs: 1}.store(f, f.TempDir()), session.FileName))
	if err != nil {
		f.Fatal(err)
	}
	for seed := range uint64(100) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		reportOn(damaged(stored, rand.New(rand.NewPCG(seed, 0xda))))
	})
}

// Wherever a run file ends, report says so or reports on what is whole.
func TestTornRunIsReported(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join(madeRun{}.store(t, t.TempDir()), session.FileName))
	if err != nil {
		t.Fatal(err)
	}
	const step = 61 // Package bench reads every prefix.
	lines, read := -1, 0
	for n := 0; n <= len(stored); n += step {
		if now := bytes.Count(stored[:n], []byte("\n")); now != lines { // only whole lines count
			lines = now
			reportOn(stored[:n])
		}
		if _, err := bench.ReadRun(bytes.NewReader(stored[:n])); err == nil {
			read++
		} else if lines > 0 {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if read == 0 {
		t.Error("no prefix was read")
	}
}

// reportOn writes what there is of a run in every format of one file.
func reportOn(stored []byte) {
	run, err := bench.ReadRun(bytes.NewReader(stored))
	if err != nil {
		return
	}
	d, err := judged.Document(run)
	if err != nil {
		return
	}
	for _, format := range reports.Formats {
		if format.Single() {
			_ = format.Write(io.Discard, d) // An error is an answer.
		}
	}
}

// damaged is a run file with up to three values changed.
func damaged(stored []byte, rng *rand.Rand) []byte {
	lines := bytes.Split(bytes.TrimSpace(stored), []byte("\n"))
	for range 1 + rng.IntN(3) {
		i := rng.IntN(len(lines))
		d := json.NewDecoder(bytes.NewReader(lines[i]))
		d.UseNumber()
		var tree any
		if d.Decode(&tree) != nil {
			continue
		}
		if text, err := json.Marshal(damage(tree, rng)); err == nil {
			lines[i] = text
		}
	}
	return append(bytes.Join(lines, []byte("\n")), '\n')
}

// damage changes one value somewhere in a tree.
func damage(tree any, rng *rand.Rand) any {
	if rng.IntN(6) == 0 {
		return strange(tree, rng)
	}
	switch node := tree.(type) {
	case map[string]any:
		if len(node) == 0 {
			return strange(node, rng)
		}
		keys := slices.Sorted(maps.Keys(node))
		key := keys[rng.IntN(len(keys))]
		if rng.IntN(12) == 0 {
			delete(node, key)
			return node
		}
		node[key] = damage(node[key], rng)
		return node
	case []any:
		if len(node) == 0 {
			return strange(node, rng)
		}
		i := rng.IntN(len(node))
		switch rng.IntN(12) {
		case 0:
			return slices.Delete(node, i, i+1)
		case 1:
			return append(node, node[i])
		}
		node[i] = damage(node[i], rng)
		return node
	}
	return strange(tree, rng)
}

// strange is another value than the one that is there, mostly of its kind.
func strange(value any, rng *rand.Rand) any {
	numbers := []json.Number{"0", "-1", "1", "0.5", "1e-300", "1e18", "9223372036854775807", "-9223372036854775808",
		"1e300", "2147483648", "3"}
	texts := []string{"", "\x1b[31m", "baseline", "candidate", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z", "../../x", "<script>", "token", "H4sIAAAAAAAA"}
	switch value.(type) {
	case json.Number:
		if rng.IntN(8) > 0 {
			return numbers[rng.IntN(len(numbers))]
		}
	case string:
		if rng.IntN(8) > 0 {
			return texts[rng.IntN(len(texts))]
		}
	}
	return []any{nil, true, "x", json.Number("7"), []any{}, map[string]any{}, []any{nil}}[rng.IntN(7)]
}
