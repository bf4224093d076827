// Modulepath changes the path of this module, in go.mod, in every import of it and in each "go install" line of the
// documentation, for an organisation that keeps its own copy:
//
//	go run ./internal/modulepath example.com/our/oauthbench
//
// Nothing else knows the path. It is run from the top of the checkout.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/modulepath PATH")
		os.Exit(2)
	}
	if err := change(".", os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "modulepath:", err)
		os.Exit(1)
	}
}

var (
	moduleLine = regexp.MustCompile(`(?m)^module (\S+)$`)
	validPath  = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.~_-]*(/[a-zA-Z0-9.~_-]+)*$`)
)

// change gives the module in a folder another path. Modules in folders of it stay as they
// are. It may be repeated after an error.
func change(root, to string) error {
	if !validPath.MatchString(to) {
		return fmt.Errorf("%q is no module path", to)
	}
	name := filepath.Join(root, "go.mod")
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	found := moduleLine.FindSubmatch(content)
	if found == nil {
		return fmt.Errorf("%s names no module", name)
	}
	from := string(found[1])
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || isModule(file)):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		switch filepath.Ext(file) {
		case ".go":
			return changeImports(file, from, to)
		case ".md":
			return changeInstall(file, from, to)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return os.WriteFile(name, moduleLine.ReplaceAll(content, []byte("module "+to)), 0o644)
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// changeInstall rewrites what a page says of installing the module.
func changeInstall(file, from, to string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed := bytes.ReplaceAll(text, []byte("go install "+from+"@"), []byte("go install "+to+"@"))
	if bytes.Equal(text, changed) {
		return nil
	}
	return os.WriteFile(file, changed, 0o644)
}

// changeImports rewrites the imports of one file, and leaves a file without any as it is.
func changeImports(file, from, to string) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.ImportsOnly)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	end := 0
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		rest, ours := strings.CutPrefix(imported, from)
		if !ours || rest != "" && rest[0] != '/' {
			continue
		}
		b.Write(source[end:set.Position(spec.Path.Pos()).Offset])
		b.WriteString(strconv.Quote(to + rest))
		end = set.Position(spec.Path.End()).Offset
	}
	if end == 0 {
		return nil
	}
	b.Write(source[end:])
	formatted, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, formatted, 0o644)
}
