package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which of our packages each package may import, and which foreign
// modules beside the standard library. A package that is not listed may not exist.
// docs/design.md says why.
var arrows = map[string]struct{ ours, foreign []string }{
	".":              {ours: []string{"internal/cli"}},
	"bench":          {ours: []string{"bench/http1", "internal/loopback"}, foreign: []string{"github.com/tsenart/vegeta/v12", "github.com/HdrHistogram/hdrhistogram-go", "golang.org/x/sys"}},
	"bench/http1":    {ours: []string{"internal/loopback"}},
	"bench/stats":    {foreign: []string{"gonum.org/v1/gonum"}},
	"bench/verdict":  {ours: []string{"bench", "bench/stats"}, foreign: []string{"gonum.org/v1/gonum"}},
	"scenarios":      {ours: []string{"bench", "internal/oauth"}, foreign: []string{"github.com/tsenart/vegeta/v12", "golang.org/x/sync", "golang.org/x/time"}},
	"containers":     {ours: []string{"bench", "internal/oauth"}, foreign: []string{"github.com/testcontainers/testcontainers-go", "github.com/moby/moby", "github.com/prometheus/common", "github.com/prometheus/client_model", "github.com/jackc/pgx/v5", "github.com/containerd/errdefs"}},
	"reports":        {ours: []string{"bench", "bench/stats", "bench/verdict", "internal/browsertest"}, foreign: []string{"github.com/chromedp", "gonum.org/v1/plot", "github.com/tsenart/vegeta/v12", "golang.org/x/image", "github.com/HdrHistogram/hdrhistogram-go", "github.com/santhosh-tekuri/jsonschema/v6"}},
	"internal/oauth": {foreign: []string{"github.com/go-jose/go-jose/v4"}},
	"internal/authserver": {ours: []string{"internal/oauth"}, foreign: []string{"github.com/zitadel/oidc/v3", "github.com/go-jose/go-jose/v4", "github.com/jackc/pgx/v5",
		"modernc.org/sqlite", "golang.org/x/crypto", "golang.org/x/text", "github.com/google/uuid", "github.com/prometheus/client_golang", "golang.org/x/sys"}},
	"internal/plan":      {ours: []string{"bench", "bench/verdict", "scenarios"}, foreign: []string{"go.yaml.in/yaml/v4"}},
	"internal/peerbench": {ours: []string{"bench", "internal/loopback"}, foreign: []string{"github.com/tsenart/vegeta/v12"}},
	"internal/cli": {ours: []string{"bench", "bench/verdict", "scenarios", "containers", "reports", "internal/oauth", "internal/authserver", "internal/plan", "internal/live"},
		foreign: []string{"github.com/spf13/cobra", "golang.org/x/term"}},
	"internal/live":        {ours: []string{"bench", "reports", "internal/browsertest"}, foreign: []string{"github.com/tsenart/vegeta/v12"}},
	"internal/loopback":    {},
	"internal/browsertest": {foreign: []string{"github.com/chromedp"}},
}

func TestArrows(t *testing.T) {
	const module = "oauthbench/"
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || file == "tools"):
			return filepath.SkipDir
		case !strings.HasSuffix(file, ".go"):
			return nil
		}
		dir := path.Dir(filepath.ToSlash(file))
		rule, ok := arrows[dir]
		if !ok {
			t.Errorf("%s: package %s has no arrows", file, dir)
			return nil
		}
		found[dir] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			switch first, _, _ := strings.Cut(name, "/"); {
			case strings.HasPrefix(name, module):
				if to := strings.TrimPrefix(name, module); to != dir && !slices.Contains(rule.ours, to) {
					t.Errorf("%s imports %s: no arrow goes there", file, name)
				}
			case strings.Contains(first, "."):
				within := func(m string) bool { return name == m || strings.HasPrefix(name, m+"/") }
				if !slices.ContainsFunc(rule.foreign, within) {
					t.Errorf("%s imports %s: not among the modules of %s", file, name, dir)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range arrows {
		if !found[dir] {
			t.Errorf("arrows are given for %s, which does not exist", dir)
		}
	}
}
