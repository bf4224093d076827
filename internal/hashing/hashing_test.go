package hashing

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var measured = Machine{CPU: "x", Arch: "amd64", Cores: 4, Hashes: []Hash{
	{BCrypt, 10, 40 * time.Millisecond}, {PBKDF2, 25_000, 10 * time.Millisecond}}}

// Other costs than those that were measured are known from them.
func TestCostsFollowFromOneAnother(t *testing.T) {
	for _, c := range []struct {
		name string
		cost int
		want time.Duration // 0 for none
	}{
		{BCrypt, 10, 40 * time.Millisecond},
		{BCrypt, 12, 160 * time.Millisecond},
		{BCrypt, 8, 10 * time.Millisecond},
		{PBKDF2, 25_000, 10 * time.Millisecond},
		{PBKDF2, 100_000, 40 * time.Millisecond},
		{PBKDF2, 2_500, time.Millisecond},
		{BCrypt, 0, 0},
		{BCrypt, 32, 0}, // more than it has
		{PBKDF2, -1, 0},
		{"argon2", 3, 0},
	} {
		h, known := measured.Of(c.name, c.cost)
		if known != (c.want > 0) || h.Took != c.want {
			t.Errorf("%s of cost %d: %+v, %t; want %v", c.name, c.cost, h, known, c.want)
		}
	}
	if _, known := (Machine{Hashes: measured.Hashes[:1]}).Of(PBKDF2, 25_000); known {
		t.Error("a hash is known that was not measured")
	}
}

// What is measured is read back as it was, by whatever reads JSON.
func TestThisMachineIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("takes three seconds")
	}
	m, err := Measure(t.Context())
	if err != nil || len(m.Hashes) != len(hashers) {
		t.Fatalf("%+v, %v", m, err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "machine.json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	back, err := Read(path)
	if err != nil || back.CPU != m.CPU || back.Cores != m.Cores || back.Hashes[1] != m.Hashes[1] {
		t.Errorf("%+v, %v; want %+v", back, err, m)
	}
	var out bytes.Buffer
	if err := m.WriteText(&out); err != nil || !strings.Contains(out.String(), "pbkdf2") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestNonsenseIsNoMachine(t *testing.T) {
	for _, text := range []string{"", "{}", "[1]", `{"cores":2,"hashes":[{"hasher":"bcrypt","cost":10,"took_ns":0}]}`,
		`{"cores":2,"hashes":[{"hasher":"bcrypt","cost":99,"took_ns":5}]}`,
		`{"cores":0,"hashes":[{"hasher":"bcrypt","cost":10,"took_ns":5}]}`} {
		path := filepath.Join(t.TempDir(), "machine.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if m, err := Read(path); err == nil {
			t.Errorf("%q is read as %+v", text, m)
		}
	}
}
