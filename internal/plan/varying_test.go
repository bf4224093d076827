package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planIn is the plan of a search for capacity that a file holds.
func planIn(t *testing.T, text string) (Plan, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Default(Capacity)
	p.Seed = 1
	return p, p.Read(Capacity, file)
}

// Whatever form a grid is written in, it is the same grid, and the flags in its record make it again.
func TestFormsOfAGrid(t *testing.T) {
	for _, forms := range [][]string{
		{"replicas: 1,2,4", "replicas: [1, 2, 4]", "vary: 'replicas=1,2,4'", "vary: {replicas: [1, 2, 4]}"},
		{"vary: cpus=1,2", "vary: ['cpus=1,2']", "vary: {cpus: [1, 2]}", "vary: {cpus: '1,2'}"},
		{"vary: {cpus: [1, 2], pool: [5, 20]}\nreplicas: 1,2", "replicas: [1, 2]\nvary: ['cpus=1,2', 'pool=5,20']",
			"vary: ['replicas=1,2', 'cpus=1,2', 'pool=5,20']"},
		{"replicas: 3", "replicas: [3]"},
	} {
		want, err := planIn(t, forms[0])
		if err != nil {
			t.Errorf("%s: %v", forms[0], err)
			continue
		}
		for _, form := range forms[1:] {
			if got, err := planIn(t, form); err != nil || string(got.JSON()) != string(want.JSON()) {
				t.Errorf("%s: %s, %v; want %s", form, got.JSON(), err, want.JSON())
			}
		}
		again := Default(Capacity)
		again.Seed = 1
		given := map[string][]string{}
		flags := want.Flags(Capacity)
		for i := 0; i+1 < len(flags); i += 2 {
			name := strings.TrimPrefix(flags[i], "--")
			given[name] = append(given[name], flags[i+1])
		}
		for _, name := range []string{"vary", "replicas"} {
			k := Keys[slices.IndexFunc(Keys, func(k Key) bool { return k.Name == name })]
			if values := given[name]; values != nil {
				if err := again.Set(k, values); err != nil {
					t.Errorf("%s: recorded as %q: %v", forms[0], values, err)
				}
			}
		}
		if again.Vary.String() != want.Vary.String() || len(again.Vary.Cells()) != len(want.Vary.Cells()) ||
			again.Replicas != want.Replicas {
			t.Errorf("%s: recorded as %q, which makes %v of %d", forms[0], flags, again.Vary, again.Replicas)
		}
	}
}

// What is wrong with a grid is said with what is wanted.
func TestWrongGrids(t *testing.T) {
	for text, want := range map[string]string{
		"vary: [cpus=1,2]":                    `"2" has no name: a name and its values are one text, as in "cpus=1,2"`,
		"vary: [cpus=1]":                      "one value varies nothing",
		"vary: {cpus: {a: 1}}":                "line 1: want a plain value",
		"vary: cpus":                          "want a name and its values, such as cpus=1,2",
		"vary: {replicas: [1, two]}":          `"two": want whole numbers of instances from 1 to 64`,
		"replicas: [1, 1]":                    "the number 1 is given twice",
		"replicas: 0":                         "want whole numbers of instances from 1 to 64",
		"vary: replicas=1,2\nreplicas: [1,2]": "", // They agree.

		"vary: replicas=1,2\nreplicas: 3": "2: replicas: the number of instances is given twice, as replicas=1,2",
		"replicas: 3\nvary: replicas=1,2": "2: vary: the number of instances is given twice, as replicas=1,2",

		"replicas: 1,4\nvary: {replicas: [1, 2]}": "to vary and as replicas 1,4: leave one out",
	} {
		_, err := planIn(t, text)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}

// Several numbers of instances are for a search alone, whatever gave them.
func TestSeveralReplicasAreForCapacity(t *testing.T) {
	p, err := planIn(t, "replicas: 1,2")
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckFor(Capacity, p); err != nil {
		t.Error(err)
	}
	if err := CheckFor(Run, p); err == nil {
		t.Error("run takes several numbers of instances")
	}
}

// Equality is a limit of counts, and of a share of nothing: no measured value is exactly another.
func TestEqualityIsForCounts(t *testing.T) {
	for limit, want := range map[string]string{
		"token p99 = 100ms":    `want "token p99 <= 100ms"`,
		"max = 1s":             `want "each max <= 1s"`,
		"error_ratio = 1%":     `want "each error_ratio <= 1%"`,
		"achieved = 100%":      `want "each achieved >= 100%"`,
		"token invalid = 0":    "",
		"token timeout = 3":    "",
		"error_ratio = 0":      "",
		"token p99 <= 100ms":   "",
		"token achieved>=100%": "",
	} {
		p := Default(Run)
		err := setSLOs(&p, []string{limit})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", limit, err, want)
		}
	}
}
