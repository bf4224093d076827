package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mostMethods is how many methods a type may have, those of embedded types among them.
const mostMethods = 25

func TestTypesAreSmall(t *testing.T) {
	seen := 0
	program := checkTypes(t)
	for _, folder := range slices.Sorted(maps.Keys(program.packages)) {
		scope := program.packages[folder].Scope()
		for _, name := range scope.Names() {
			declared, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || declared.IsAlias() {
				continue
			}
			of := declared.Type()
			if !types.IsInterface(of) {
				of = types.NewPointer(of)
			}
			n := types.NewMethodSet(of).Len()
			seen += n
			if n > mostMethods {
				t.Errorf("%s: %s has %d methods; at most %d", folder, name, n, mostMethods)
			}
		}
	}
	if seen == 0 {
		t.Error("no method was found")
	}
}

// mostInCircles is how many arrows between files of these trees may be part of a circle. A
// file stands after those whose declarations it uses, so that a package can be read from its
// first file to its last: an arrow in a circle runs against any such order.
var mostInCircles = map[string]int{"reports": 20, "internal/authserver": 25, "scenarios": 19}

func TestFilesAreInOrder(t *testing.T) {
	program := checkTypes(t)
	for tree, most := range mostInCircles {
		found := 0
		var where []string
		for _, folder := range slices.Sorted(maps.Keys(program.packages)) {
			if folder != tree && !strings.HasPrefix(folder, tree+"/") {
				continue
			}
			uses := program.uses[folder]
			for _, from := range slices.Sorted(maps.Keys(uses)) {
				for _, to := range slices.Sorted(maps.Keys(uses[from])) {
					if reaches(uses, to, from) {
						found++
						where = append(where, folder+": "+from+" uses "+to)
					}
				}
			}
		}
		if found > most {
			t.Errorf("%s: %d arrows between files are in circles; at most %d:\n%s", tree, found, most,
				strings.Join(where, "\n"))
		}
	}
}

// reaches tells whether a chain of uses leads from one file to another.
func reaches(uses map[string]map[string]bool, from, to string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(file string) bool {
		if file == to {
			return true
		}
		if seen[file] {
			return false
		}
		seen[file] = true
		for next := range uses[file] {
			if visit(next) {
				return true
			}
		}
		return false
	}
	return visit(from)
}

// program is our code without tests, type-checked. Foreign packages are empty in it, and
// what comes from them has no type.
type program struct {
	module   string // path of our module, with a slash behind it
	packages map[string]*types.Package
	// uses are, by folder and file, the other files whose declarations a file uses.
	uses map[string]map[string]map[string]bool

	files   map[string][]string
	fset    *token.FileSet
	foreign map[string]*types.Package
}

func checkTypes(t *testing.T) *program {
	t.Helper()
	p := &program{
		module:   modulePath(t) + "/",
		packages: map[string]*types.Package{}, uses: map[string]map[string]map[string]bool{},
		files: map[string][]string{}, fset: token.NewFileSet(), foreign: map[string]*types.Package{},
	}
	for _, file := range sourceFiles(t) {
		if !file.test {
			p.files[file.folder] = append(p.files[file.folder], file.path)
		}
	}
	for _, folder := range slices.SortedFunc(maps.Keys(p.files), cmp.Compare[string]) {
		if _, err := p.Import(p.module + folder); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// Import makes a program the types.Importer of its own packages.
func (p *program) Import(name string) (*types.Package, error) {
	folder, ours := strings.CutPrefix(name, p.module)
	if !ours {
		if p.foreign[name] == nil {
			p.foreign[name] = types.NewPackage(name, path.Base(name))
			p.foreign[name].MarkComplete()
		}
		return p.foreign[name], nil
	}
	if done := p.packages[folder]; done != nil {
		return done, nil
	}
	var files []*ast.File
	for _, file := range p.files[folder] {
		parsed, err := parser.ParseFile(p.fset, filepath.FromSlash(file), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, parsed)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: p, Error: func(error) {}} // What is foreign is not known.
	checked, _ := config.Check(name, p.fset, files, info)
	p.packages[folder] = checked
	p.uses[folder] = map[string]map[string]bool{}
	for id, object := range info.Uses {
		if object.Pkg() != checked || !object.Pos().IsValid() {
			continue
		}
		from, to := p.fset.Position(id.Pos()).Filename, p.fset.Position(object.Pos()).Filename
		if from == to {
			continue
		}
		from, to = filepath.Base(from), filepath.Base(to)
		if p.uses[folder][from] == nil {
			p.uses[folder][from] = map[string]bool{}
		}
		p.uses[folder][from][to] = true
	}
	return checked, nil
}
