package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
	"github.com/oauthbench/oauthbench/reports/internal/summary"
)

// documented is a JSON Schema of docs, and which of its properties were seen.
type documented struct {
	compiled *jsonschema.Schema
	root     map[string]any
	seen     map[string]bool // by the place of the property in the schema
}

func readSchema(t *testing.T, name string) *documented {
	t.Helper()
	path := filepath.Join("..", "docs", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &documented{seen: map[string]bool{}}
	if err := json.Unmarshal(data, &d.root); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if d.compiled, err = c.Compile(path); err != nil {
		t.Fatal(err)
	}
	return d
}

// check validates one instance, and finds what the schema does not know of it.
func (d *documented) check(t *testing.T, name string, data []byte) {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := d.compiled.Validate(instance); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	d.walk(t, name, d.root, "", instance)
}

func (d *documented) walk(t *testing.T, name string, schema map[string]any, place string, instance any) {
	if ref, ok := schema["$ref"].(string); ok {
		place = strings.TrimPrefix(ref, "#")
		schema = d.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch x := instance.(type) {
	case []any:
		items, ok := schema["items"].(map[string]any)
		for _, item := range x {
			if ok {
				d.walk(t, name, items, place+"/items", item)
			}
		}
	case map[string]any:
		properties, fixed := schema["properties"].(map[string]any)
		each, open := schema["additionalProperties"].(map[string]any)
		for key, value := range x {
			one, known := properties[key].(map[string]any)
			switch {
			case known:
				d.seen[place+"/"+key] = true
				d.walk(t, name, one, place+"/"+key, value)
			case open:
				d.walk(t, name, each, place+"/*", value)
			case fixed:
				t.Errorf("%s: the schema does not know %s/%s", name, place, key)
			}
		}
	}
}

// unseen are the properties of the schema that no instance had.
func (d *documented) unseen() []string {
	var all []string
	var properties func(schema map[string]any, place string)
	properties = func(schema map[string]any, place string) {
		fields, _ := schema["properties"].(map[string]any)
		for key, one := range fields {
			if !d.seen[place+"/"+key] {
				all = append(all, place+"/"+key)
			}
			properties(one.(map[string]any), place+"/"+key)
		}
		if items, ok := schema["items"].(map[string]any); ok {
			properties(items, place+"/items")
		}
	}
	properties(d.root, "")
	for name, def := range d.root["$defs"].(map[string]any) {
		properties(def.(map[string]any), "/$defs/"+name)
	}
	slices.Sort(all)
	return all
}

// complete fails when the schema has what no instance had.
func (d *documented) complete(t *testing.T) {
	t.Helper()
	if left := d.unseen(); left != nil {
		t.Errorf("the schema has fields that nothing writes: %q", left)
	}
}

// whole checks an instance with every field of what file points to. After it, nothing of
// the schema may be unseen.
func (d *documented) whole(t *testing.T, file any) {
	t.Helper()
	fill(reflect.ValueOf(file).Elem())
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	d.check(t, "every field", data)
	d.complete(t)
}

// fill gives every field a value that its JSON does not leave out. Words and numbers are
// such that every enumeration has them.
func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case *bench.Histogram:
		h := bench.NewHistogram()
		h.Record(-1)
		v.Set(reflect.ValueOf(h))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(`{}`)))
		return
	case verdict.SLO:
		slo, err := verdict.ParseSLO("token p99 < 50ms")
		if err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(slo))
		return
	case bench.Role, verdict.Side:
		v.SetString("baseline")
		return
	case verdict.Decision:
		v.SetString("pass")
		return
	case verdict.Unit:
		v.SetString("pair")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("server")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Uint64:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// Every verdict.json keeps to the documented schema, every field that can be written is
// in it, and nothing is in it that is not written.
func TestVerdictSchema(t *testing.T) {
	d := readSchema(t, "report.schema.json")
	all := fixture.Situations()
	for name, r := range fixture.Degenerate() {
		all[name] = r
	}
	for name, r := range all {
		d.check(t, name, write(t, "json", r))
	}
	goldens, err := filepath.Glob(filepath.Join("testdata", "*.json.golden"))
	if err != nil || len(goldens) < 3 {
		t.Fatalf("goldens %q: %v", goldens, err)
	}
	for _, path := range goldens {
		if strings.HasSuffix(path, "releases.json.golden") {
			continue // of another schema
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		d.check(t, path, data)
	}
	d.whole(t, &verdictFile{})
}

func TestReleasesSchema(t *testing.T) {
	d := readSchema(t, "releases.schema.json")
	for name, r := range map[string]summary.Releases{
		"usual": fixture.UsualReleases(),
		"missing": summary.NewReleases([]summary.Release{{Dir: "a", Report: fixture.Situations()["empty"]},
			{Dir: "b", Report: fixture.Hostile()}}, nil, []string{"c"}),
	} {
		var b bytes.Buffer
		if err := writeJSON(&b, ofReleases(r)); err != nil {
			t.Fatal(err)
		}
		d.check(t, name, b.Bytes())
	}
	d.whole(t, &releasesFile{})
}

func TestRunFileSchema(t *testing.T) {
	d := readSchema(t, "run-file.schema.json")
	store := func(run *bench.Run) []byte {
		path := filepath.Join(t.TempDir(), "run.jsonl")
		f, err := bench.CreateRunFile(path)
		if err != nil {
			t.Fatal(err)
		}
		errs := []error{f.WriteHeader(run.Header)}
		for _, trial := range run.Trials {
			errs = append(errs, f.WriteTrial(trial))
		}
		if run.End != nil {
			errs = append(errs, f.WriteEnd(*run.End))
		}
		for _, err := range append(errs, f.Close()) {
			if err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	whole := &bench.Run{}
	fill(reflect.ValueOf(whole).Elem())
	for name, run := range map[string]*bench.Run{"usual": fixture.UsualReport().Run, "every field": whole} {
		for line := range bytes.Lines(store(run)) {
			d.check(t, name, line)
		}
	}
	d.complete(t)
	for _, wrong := range []string{`{}`, `{"header":{}}`, `{"trial":null}`, `{"end":{"at":"yesterday"}}`, `[]`} {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(wrong))
		if err != nil {
			t.Fatal(err)
		}
		if d.compiled.Validate(instance) == nil {
			t.Errorf("%s is valid", wrong)
		}
	}
}
