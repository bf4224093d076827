package plan

import (
	"slices"
	"strings"
	"testing"
)

// mostUsage keeps the help of one key on one or two lines of a terminal.
const mostUsage = 72

// Every key has what help, completion and reference print of it.
func TestKeysAreWholeDefinitions(t *testing.T) {
	names := map[string]bool{}
	for _, k := range Keys {
		if names[k.Name] {
			t.Errorf("%s is there twice", k.Name)
		}
		names[k.Name] = true
		switch {
		case !slices.Contains(Groups, k.Group):
			t.Errorf("%s: group %q is not among those of the help", k.Name, k.Group)
		case k.Usage == "" || len(k.Usage) > mostUsage || strings.HasSuffix(k.Usage, "."):
			t.Errorf("%s: usage %q; want one sentence of at most %d characters, without its full stop", k.Name, k.Usage,
				mostUsage)
		case k.Detail != "" && !strings.HasSuffix(k.Detail, "."):
			t.Errorf("%s: detail %q is no whole sentence", k.Name, k.Detail)
		case len(k.Commands) == 0:
			t.Errorf("%s: no command has it", k.Name)
		case k.Value != strings.ToUpper(k.Value):
			t.Errorf("%s: value %q; want a word such as RATE", k.Name, k.Value)
		case k.Switch() && k.Repeat:
			t.Errorf("%s: a switch cannot be repeated", k.Name)
		}
	}
	for _, k := range Keys {
		for _, excluded := range k.Excludes {
			if !names[excluded] {
				t.Errorf("%s excludes %s, which is no key", k.Name, excluded)
			}
		}
	}
}

// What a plan's record says, a plan that is made of it says again, for every key alone.
func TestEveryKeySurvivesItsRecord(t *testing.T) {
	values := map[string]string{
		"NUMBER": "7", "SHARE": "0.25", "DURATION": "45s", "TARGET": "embedded:v2?tokens=jwt", "RATE": "12/s",
		"SCOPES":   "a b",
		"AUDIENCE": "api", "MARGIN": "token p99 12.5%", "LIMIT": "token p99 < 100ms", "CORES": "server=1.5",
		"CPUS":  "0",
		"BYTES": "server=512m", "HOST": "mirror.example/hub", "FILE": "here", "FOLDER": "there", "ROWS": "clients=10",
		"NAME=VALUES": "cpus=1,2", "NUMBERS": "3",
	}
	for _, k := range Keys {
		if k.get == nil {
			continue
		}
		value := values[k.Value]
		switch {
		case k.Switch():
			value = "true"
		case k.Name == "most-errors":
			value = "2.5%"
		case k.Name == "states":
			value = "active=70,revoked=30"
		case k.Name == "scenario":
			value = "introspect"
		case len(k.Choices) > 0:
			value = k.Choices[len(k.Choices)-1]
		}
		p := Default(k.Commands[0])
		if err := p.Set(k, []string{value}); err != nil {
			t.Errorf("%s: %v", k.Name, err)
			continue
		}
		recorded := k.get(&p)
		again := Default(k.Commands[0])
		again.Seed = p.Seed
		if len(recorded) == 0 {
			t.Errorf("%s=%s leaves nothing in the record", k.Name, value)
			continue
		}
		if err := again.Set(k, recorded); err != nil || string(again.JSON()) != string(p.JSON()) {
			t.Errorf("%s: recorded as %q, which makes %s, %v; want %s", k.Name, recorded, again.JSON(), err, p.JSON())
		}
	}
}

// A key that takes one value takes no second one in silence; one that is repeated keeps all.
func TestAKeyIsNotGivenTwice(t *testing.T) {
	for _, k := range Keys {
		f := &Flag{Key: k}
		first, again, other := f.Set("a"), f.Set("a"), f.Set("b")
		if first != nil || again != nil || (other == nil) != k.Repeat {
			t.Errorf("--%s a, a and b: %v, %v, %v", k.Name, first, again, other)
		}
		if !k.Repeat && len(f.Values) != 1 {
			t.Errorf("--%s holds %q", k.Name, f.Values)
		}
	}
}
