package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrow is what one package may import beside the standard library: our own packages
// by their folder, foreign modules by their path. What only its tests import stands
// apart, so that the program itself cannot come to use it.
type arrow struct {
	ours, foreign         []string
	testOurs, testForeign []string
}

// arrows has every package. One that is not listed may not exist, and an arrow that
// nothing uses may not stay. docs/design.md says why the arrows go as they do.
var arrows = map[string]arrow{
	".":              {ours: []string{"internal/cli"}},
	"bench":          {foreign: []string{"github.com/HdrHistogram/hdrhistogram-go"}},
	"bench/capacity": {},
	"bench/capacity/searches": {
		ours: []string{"internal/digits", "bench", "bench/capacity", "bench/stats", "bench/verdict"},
	},
	"bench/http1": {testOurs: []string{"bench/generator/loop", "internal/loopback"}},
	"bench/generator": {
		ours:     []string{"bench", "bench/generator/loop", "bench/generator/priority", "bench/http1"},
		foreign:  []string{"github.com/tsenart/vegeta/v12", "golang.org/x/sys"},
		testOurs: []string{"bench/host", "bench/pace", "internal/loopback"},
	},
	"bench/generator/loop":     {ours: []string{"bench/http1"}, foreign: []string{"golang.org/x/sys"}},
	"bench/generator/priority": {ours: []string{"bench"}, foreign: []string{"golang.org/x/sys"}},
	"bench/host": {ours: []string{"bench"},
		foreign: []string{"github.com/shirou/gopsutil/v4", "golang.org/x/sys"}},
	"bench/experiment": {
		ours:    []string{"bench", "bench/generator", "bench/host", "bench/stats"},
		foreign: []string{"github.com/tsenart/vegeta/v12"},
	},
	"bench/grid": {ours: []string{"bench/stats"}},
	"bench/grid/stored": {
		ours: []string{"bench", "bench/capacity", "bench/capacity/searches", "bench/grid", "bench/scaling",
			"bench/stats"},
	},
	"bench/scaling":    {ours: []string{"internal/digits", "bench/stats"}},
	"bench/pace":       {ours: []string{"bench", "bench/stats"}},
	"bench/projection": {ours: []string{"internal/digits", "bench/stats"}},
	"bench/sizing":     {ours: []string{"internal/digits", "bench/stats"}},
	"bench/sizing/stored": {ours: []string{"internal/digits", "bench", "bench/capacity",
		"bench/capacity/searches", "bench/scaling",
		"bench/sizing", "bench/stats"}},
	"bench/stats":        {foreign: []string{"gonum.org/v1/gonum"}},
	"bench/trend":        {ours: []string{"bench/stats"}, foreign: []string{"gonum.org/v1/gonum"}},
	"bench/verdict":      {ours: []string{"internal/digits", "bench/stats"}, foreign: []string{"gonum.org/v1/gonum"}},
	"bench/verdict/runs": {ours: []string{"bench", "bench/stats", "bench/verdict"}},
	"scenarios/notebook": {ours: []string{"bench", "internal/oauth"}},
	"scenarios": {
		ours: []string{"bench", "bench/generator", "bench/http1", "internal/nearest", "internal/oauth",
			"scenarios/ahead", "scenarios/forged", "scenarios/notebook", "scenarios/stock"},
		testOurs: []string{"bench/experiment"},
		foreign:  []string{"github.com/tsenart/vegeta/v12", "golang.org/x/sync", "golang.org/x/time"},
	},
	"scenarios/forged": {foreign: []string{"github.com/go-jose/go-jose/v4"}},
	"scenarios/ahead":  {ours: []string{"internal/oauth"}},
	"scenarios/stock":  {ours: []string{"internal/oauth"}},
	"scenarios/upgrade": {ours: []string{"internal/digits", "bench/stats", "scenarios/upgrade/journal"},
		foreign: []string{"golang.org/x/time"}},
	"scenarios/upgrade/beside":  {ours: []string{"scenarios/upgrade"}},
	"scenarios/upgrade/journal": {},
	"containers": {
		ours: []string{
			"containers/engine", "containers/stack",
			"containers/glewlwyd", "containers/hydra", "containers/keycloak",
			"containers/oidcprovider", "containers/postgres", "containers/reference", "containers/spring",
		},
		foreign:  []string{"github.com/moby/moby"},
		testOurs: []string{"bench", "containers/census", "containers/tokenrows", "internal/oauth"},
	},
	"containers/engine": {ours: []string{"internal/owner"}, foreign: []string{
		"github.com/testcontainers/testcontainers-go", "github.com/moby/moby", "github.com/containerd/errdefs",
	}},
	"containers/census":    {},
	"containers/tokenrows": {},
	"containers/stack": {
		ours: []string{"bench", "bench/host", "internal/nearest", "internal/oauth", "internal/plaintext",
			"containers/census", "containers/engine", "containers/tokenrows"},
		foreign: []string{
			"github.com/testcontainers/testcontainers-go", "github.com/moby/moby",
			"github.com/prometheus/common", "github.com/prometheus/client_model",
		},
	},
	"containers/postgres": {
		ours: []string{"bench", "containers/census", "containers/engine", "containers/stack",
			"containers/tokenrows"},
		foreign: []string{"github.com/jackc/pgx/v5"},
	},
	"containers/glewlwyd": {ours: []string{"containers/engine", "containers/stack", "internal/oauth"}},
	"containers/keycloak": {ours: []string{"containers/engine", "containers/stack", "internal/oauth"},
		testOurs: []string{"containers/postgres"}},
	"containers/oidcprovider": {ours: []string{"containers/stack", "internal/oauth"}},
	"containers/spring":       {ours: []string{"containers/engine", "containers/stack", "internal/oauth"}},
	"containers/hydra": {ours: []string{"containers/census", "containers/stack", "containers/tokenrows",
		"internal/oauth"},
		foreign:  []string{"golang.org/x/crypto"},
		testOurs: []string{"containers/postgres"}},
	"containers/reference": {ours: []string{
		"containers/engine", "containers/stack", "internal/authserver/settings", "internal/oauth",
	}},
	"reports": {
		ours: []string{
			"bench", "bench/capacity", "bench/grid", "bench/grid/stored", "bench/sizing", "bench/sizing/stored",
			"bench/trend", "bench/verdict", "internal/digits", "internal/plaintext", "internal/wholefile",
			"reports/internal/plot", "reports/internal/search", "reports/internal/summary", "reports/internal/units",
			"reports/internal/varied", "reports/page",
		},
		foreign: []string{"github.com/HdrHistogram/hdrhistogram-go"},
		testOurs: []string{
			"bench/capacity/searches", "bench/host", "bench/verdict/runs", "internal/browsertest",
			"reports/internal/fixture",
		},
		testForeign: []string{"github.com/chromedp", "github.com/santhosh-tekuri/jsonschema/v6"},
	},
	"reports/page": {
		ours: []string{
			"bench", "bench/verdict", "internal/plaintext",
			"reports/internal/plot", "reports/internal/search", "reports/internal/summary", "reports/internal/units",
			"reports/internal/varied",
		},
		foreign:  []string{"github.com/tsenart/vegeta/v12"},
		testOurs: []string{"reports/internal/fixture"},
	},
	"reports/internal/plot": {
		ours: []string{
			"bench", "bench/capacity", "bench/capacity/searches", "bench/grid", "bench/grid/stored", "bench/verdict",
			"internal/plaintext", "reports/internal/search", "reports/internal/summary", "reports/internal/units",
			"reports/internal/varied",
		},
		foreign:  []string{"gonum.org/v1/plot", "golang.org/x/image"},
		testOurs: []string{"reports/internal/fixture"},
	},
	"reports/internal/summary": {
		ours: []string{
			"bench", "bench/pace", "bench/stats", "bench/verdict", "internal/plaintext", "reports/internal/audit",
			"reports/internal/dbwaits", "reports/internal/refusals", "reports/internal/units",
		},
		foreign:  []string{"github.com/HdrHistogram/hdrhistogram-go"},
		testOurs: []string{"reports/internal/fixture"},
	},
	"reports/internal/audit": {
		ours: []string{"bench", "bench/verdict", "internal/plaintext", "reports/internal/units"},
	},
	"reports/internal/search": {
		ours: []string{
			"bench", "bench/capacity", "bench/capacity/searches", "bench/verdict", "internal/plaintext",
			"reports/internal/summary", "reports/internal/units",
		},
	},
	"reports/internal/varied": {
		ours: []string{"bench", "bench/grid", "bench/grid/stored", "bench/verdict", "internal/plaintext",
			"reports/internal/units"},
	},
	"reports/internal/dbwaits":  {ours: []string{"bench", "internal/plaintext", "reports/internal/units"}},
	"reports/internal/refusals": {ours: []string{"bench", "internal/plaintext", "reports/internal/units"}},
	"reports/internal/units":    {ours: []string{"bench/verdict", "internal/digits"}},
	"internal/digits":           {},
	"reports/internal/fixture": {ours: []string{"bench", "bench/experiment", "bench/verdict",
		"reports/internal/summary", "reports/internal/units"}},
	"internal/plaintext": {},
	"internal/oauth": {
		ours:    []string{"internal/plaintext"},
		foreign: []string{"github.com/go-jose/go-jose/v4"},
	},
	"internal/faults":              {foreign: []string{"golang.org/x/sys"}},
	"internal/authserver/settings": {ours: []string{"internal/faults", "internal/nearest", "internal/oauth"}},
	"internal/authserver/lapses":   {ours: []string{"internal/authserver/settings", "internal/faults"}},
	"internal/authserver": {
		ours: []string{
			"internal/authserver/lapses", "internal/authserver/settings", "internal/authserver/store",
			"internal/faults", "internal/oauth",
		},
		foreign: []string{
			"github.com/zitadel/oidc/v3", "github.com/go-jose/go-jose/v4", "golang.org/x/crypto",
			"github.com/prometheus/client_golang",
		},
	},
	"internal/authserver/process": {
		ours: []string{
			"internal/authserver", "internal/authserver/settings", "internal/authserver/store", "internal/oauth",
			"internal/owner",
		},
	},
	"internal/rehearse": {
		ours: []string{
			"bench", "bench/host", "bench/projection", "bench/verdict", "containers", "containers/census",
			"internal/authserver/process", "internal/authserver/settings", "internal/digits",
			"internal/filelock", "internal/flagvalue", "internal/inputfile",
			"internal/oauth", "internal/owner", "internal/plaintext", "internal/rehearse/account",
			"internal/rehearse/announced", "internal/rehearse/firststart", "internal/rehearse/projected",
			"internal/systems", "internal/wholefile",
			"reports/page", "internal/nearest", "scenarios", "scenarios/upgrade", "scenarios/upgrade/beside",
			"scenarios/upgrade/journal",
		},
		foreign: []string{"github.com/spf13/pflag"},
	},
	"internal/rehearse/announced":  {},
	"internal/rehearse/firststart": {ours: []string{"internal/digits", "scenarios/upgrade"}},
	"internal/rehearse/account":    {ours: []string{"containers/census"}},
	"internal/rehearse/projected": {ours: []string{"internal/digits", "bench/projection", "containers/census",
		"internal/rehearse/account"}},
	"internal/authserver/store": {
		ours:    []string{"internal/authserver/settings"},
		foreign: []string{"github.com/jackc/pgx/v5", "modernc.org/sqlite"},
	},
	"internal/plan": {
		ours: []string{"bench", "bench/generator", "bench/grid", "bench/experiment", "bench/verdict", "scenarios",
			"internal/inputfile", "internal/nearest", "internal/plaintext"},
		foreign: []string{"go.yaml.in/yaml/v4"},
	},
	"internal/peerbench": {
		ours: []string{"bench", "bench/generator", "bench/experiment", "bench/host", "bench/stats", "internal/loopback",
			"internal/oauth", "internal/wholefile"},
		foreign: []string{"github.com/tsenart/vegeta/v12"},
	},
	"internal/targets": {
		ours: []string{
			"bench", "bench/generator", "bench/http1", "bench/host", "scenarios", "containers",
			"internal/oauth", "internal/authserver/process", "internal/authserver/settings", "internal/nearest",
			"internal/plan", "internal/plaintext",
		},
	},
	"internal/session": {
		ours: []string{
			"internal/digits", "bench", "bench/generator", "bench/experiment", "bench/host", "bench/verdict",
			"bench/verdict/runs",
			"scenarios",
			"internal/filelock", "internal/inputfile", "internal/plan", "internal/plaintext", "internal/targets",
		},
		testOurs: []string{"internal/oauth"},
		foreign:  []string{"github.com/tsenart/vegeta/v12"},
	},
	"internal/judged": {
		ours: []string{"bench", "bench/capacity/searches", "bench/verdict", "bench/verdict/runs", "internal/session",
			"internal/varied", "reports"},
	},
	"internal/varied": {
		ours: []string{
			"internal/digits", "bench", "bench/experiment", "bench/grid", "bench/grid/stored", "containers",
			"internal/capacityrun",
			"internal/inputfile", "internal/oauth", "internal/plaintext", "internal/plan", "internal/session",
			"internal/targets", "internal/wholefile", "scenarios",
		},
		foreign: []string{"github.com/spf13/pflag"},
	},
	"internal/flagvalue": {ours: []string{"internal/nearest", "internal/plaintext"},
		foreign: []string{"github.com/spf13/pflag"}},
	"internal/help": {
		ours:    []string{"internal/flagvalue", "internal/nearest"},
		foreign: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
	},
	"internal/chained": {ours: []string{
		"bench", "bench/stats", "bench/trend", "bench/verdict", "internal/judged", "internal/session", "reports",
	}, testOurs: []string{"bench/verdict/runs"}},
	"internal/prioritybench": {
		ours: []string{"bench", "bench/experiment", "internal/cli", "internal/plan", "internal/session",
			"internal/targets"},
		foreign: []string{"gonum.org/v1/gonum"},
	},
	"internal/baselines": {ours: []string{
		"bench", "bench/verdict", "bench/verdict/runs", "internal/inputfile", "internal/plan", "internal/targets",
		"internal/wholefile",
	}},
	"internal/github":   {ours: []string{"bench/verdict", "internal/terminal"}},
	"internal/terminal": {ours: []string{"internal/plaintext"}, foreign: []string{"golang.org/x/term"}},
	"internal/capacityrun": {
		ours: []string{
			"internal/digits", "bench", "bench/capacity", "bench/capacity/searches", "bench/experiment",
			"bench/generator",
			"bench/verdict",
			"bench/verdict/runs", "scenarios", "internal/plan", "internal/plaintext", "internal/session",
			"internal/targets",
			"internal/variables",
		},
		foreign: []string{"github.com/spf13/pflag"},
	},
	"internal/clustersize": {
		ours: []string{"bench/grid", "bench/grid/stored", "bench/sizing", "bench/sizing/stored", "bench/verdict",
			"containers", "internal/digits", "internal/flagvalue", "internal/hashing", "internal/oauth",
			"internal/plaintext", "internal/plan", "internal/session", "internal/varied", "reports", "scenarios"},
		foreign:  []string{"github.com/spf13/pflag"},
		testOurs: []string{"bench", "bench/capacity", "bench/capacity/searches"},
	},
	"internal/hashing": {ours: []string{"bench/host", "internal/inputfile", "internal/terminal"},
		foreign: []string{"golang.org/x/crypto"}},
	"internal/selftest": {
		ours: []string{"bench", "bench/verdict", "bench/verdict/runs", "internal/plan", "reports", "scenarios"},
	},
	"internal/exitcode": {
		ours: []string{"bench/verdict", "internal/clustersize", "internal/judged", "internal/session",
			"internal/targets"},
	},
	"internal/answer": {
		ours: []string{
			"bench", "internal/exitcode", "internal/github", "internal/judged", "internal/session", "internal/targets",
			"internal/terminal", "reports",
		},
		foreign: []string{"golang.org/x/term"},
	},
	"internal/measure": {
		ours: []string{
			"bench", "bench/verdict/runs", "internal/answer", "internal/capacityrun", "internal/exitcode",
			"internal/judged", "internal/plaintext", "internal/plan", "internal/session", "internal/targets",
			"internal/terminal", "internal/varied", "internal/version", "internal/watch", "reports",
		},
	},
	"internal/nearest": {},
	"internal/catalogue": {
		ours: []string{"bench", "containers", "internal/help", "internal/oauth", "internal/targets",
			"internal/terminal", "scenarios"},
	},
	"internal/logs": {ours: []string{"internal/nearest", "internal/terminal"}},
	"internal/metrics": {
		ours:     []string{"bench", "bench/experiment"},
		foreign:  []string{"github.com/go-logr/logr", "github.com/prometheus/client_golang", "go.opentelemetry.io"},
		testOurs: []string{"bench/generator"},
		testForeign: []string{"github.com/prometheus/client_model", "github.com/prometheus/common",
			"github.com/tsenart/vegeta/v12", "google.golang.org/protobuf"},
	},
	"internal/plan/schema": {
		ours:        []string{"internal/plan"},
		testForeign: []string{"github.com/santhosh-tekuri/jsonschema/v6", "go.yaml.in/yaml/v4"},
	},
	"internal/plancheck": {
		ours: []string{"bench", "bench/verdict", "internal/digits", "internal/help", "internal/plaintext",
			"internal/plan", "internal/session", "internal/targets", "internal/terminal", "internal/varied",
			"scenarios"},
	},
	"internal/plandraft": {
		ours: []string{"bench", "internal/plaintext", "internal/plan", "internal/targets", "internal/terminal",
			"scenarios"},
		foreign: []string{"go.yaml.in/yaml/v4"},
	},
	"internal/variables": {
		ours:    []string{"internal/flagvalue", "internal/nearest"},
		foreign: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
	},
	"internal/planflags": {
		ours: []string{"internal/help", "internal/nearest", "internal/plan", "internal/targets", "internal/terminal",
			"internal/variables"},
		foreign: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
	},
	"internal/baselinecompare": {
		ours: []string{
			"bench", "bench/verdict", "internal/answer", "internal/baselines", "internal/exitcode", "internal/github",
			"internal/measure", "internal/owner", "internal/plaintext", "internal/plan", "internal/planflags",
			"internal/session", "internal/targets", "internal/terminal", "internal/watch", "reports",
		},
	},
	"internal/cli": {
		ours: []string{
			"bench", "containers", "reports",
			"internal/authserver/process", "internal/authserver/settings", "internal/capacityrun",
			"internal/clustersize", "internal/plan", "internal/plaintext",
			"internal/targets",
			"internal/chained", "internal/session", "internal/help", "internal/baselines", "internal/version",
			"internal/terminal", "internal/selftest", "internal/rehearse", "internal/owner", "scenarios/upgrade",
			"internal/answer", "internal/baselinecompare", "internal/nearest", "internal/variables",
			"internal/exitcode", "internal/flagvalue", "internal/hashing", "internal/measure", "internal/varied",
			"internal/planflags",
			"internal/plan/schema", "internal/plancheck", "internal/plandraft",
			"internal/catalogue", "internal/logs", "internal/metrics", "internal/watch",
		},
		foreign: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
		testOurs: []string{"internal/oauth", "scenarios", "internal/judged", "bench/experiment", "bench/verdict",
			"bench/verdict/runs",
			"internal/github"},
		testForeign: []string{"go.yaml.in/yaml/v4"},
	},
	"internal/version":      {},
	"internal/githubaction": {testForeign: []string{"go.yaml.in/yaml/v4"}},
	"internal/modulepath":   {},
	"internal/licences":     {},
	"internal/manpages":     {ours: []string{"internal/cli"}, foreign: []string{"github.com/spf13/cobra"}},
	"internal/watch": {
		ours: []string{"bench", "internal/live", "internal/metrics", "internal/session", "internal/systems",
			"internal/targets", "internal/terminal"},
	},
	"internal/systems": {},
	"internal/live": {
		ours:        []string{"bench", "bench/generator", "bench/experiment", "reports"},
		testOurs:    []string{"internal/browsertest"},
		testForeign: []string{"github.com/tsenart/vegeta/v12"},
	},
	"internal/inputfile":   {},
	"internal/wholefile":   {ours: []string{"internal/filelock"}},
	"internal/filelock":    {foreign: []string{"golang.org/x/sys"}},
	"internal/owner":       {},
	"internal/loopback":    {},
	"internal/browsertest": {foreign: []string{"github.com/chromedp"}},
}

// sourceFile is one Go file of the project.
type sourceFile struct {
	path    string // from the top of the project, with slashes
	folder  string
	test    bool
	imports []string
}

// sourceFiles finds every Go file but those of the tools, which are a module of their own.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." &&
			(strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || file == "tools"):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(file)
		source := sourceFile{path: slashed, folder: path.Dir(slashed), test: strings.HasSuffix(slashed, "_test.go")}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			source.imports = append(source.imports, name)
		}
		files = append(files, source)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// allowed finds the entry of a list of ours or foreign that permits an import, "" when
// there is none. Foreign modules are permitted with all their packages.
func allowed(list []string, name string) string {
	for _, entry := range list {
		if name == entry || strings.Contains(entry, ".") && strings.HasPrefix(name, entry+"/") {
			return entry
		}
	}
	return ""
}

// modulePath is this module's own, as go.mod has it.
func modulePath(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	t.Fatal("go.mod names no module")
	return ""
}

func TestArrows(t *testing.T) {
	module := modulePath(t) + "/"
	type use struct{ folder, entry string }
	inProgram, inTests := map[use]bool{}, map[use]bool{}
	found := map[string]bool{}
	for _, file := range sourceFiles(t) {
		rule, ok := arrows[file.folder]
		if !ok {
			t.Errorf("%s: package %s has no arrows", file.path, file.folder)
			continue
		}
		found[file.folder] = true
		for _, name := range file.imports {
			ours, isOurs := strings.CutPrefix(name, module)
			first, _, _ := strings.Cut(name, "/")
			if isOurs && ours == file.folder || !isOurs && !strings.Contains(first, ".") {
				continue // The package's own external test, or the standard library.
			}
			program, tests := rule.foreign, rule.testForeign
			if isOurs {
				name, program, tests = ours, rule.ours, rule.testOurs
			}
			entry := allowed(program, name)
			switch {
			case entry != "" && !file.test:
				inProgram[use{file.folder, entry}] = true
			case entry == "" && file.test && allowed(tests, name) != "":
				inTests[use{file.folder, allowed(tests, name)}] = true
			case entry == "":
				t.Errorf("%s imports %s: no arrow goes there", file.path, name)
			}
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(arrows)) {
		if !found[folder] {
			t.Errorf("arrows are given for %s, which does not exist", folder)
			continue
		}
		rule := arrows[folder]
		for _, entry := range slices.Concat(rule.ours, rule.foreign) {
			if !inProgram[use{folder, entry}] {
				t.Errorf("%s may import %s and does not: take the arrow away", folder, entry)
			}
		}
		for _, entry := range slices.Concat(rule.testOurs, rule.testForeign) {
			if !inTests[use{folder, entry}] {
				t.Errorf("tests of %s may import %s and do not: take the arrow away", folder, entry)
			}
		}
	}
}
