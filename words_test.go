package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// counting are the folders whose texts have each count with its noun from digits.Count, with all below them: a rate of
// one trial is said as rightly as one of twenty.
var counting = []string{
	"bench/capacity", "bench/grid", "bench/projection", "bench/scaling", "bench/sizing", "internal/capacityrun",
	"internal/clustersize", "internal/live", "internal/rehearse", "internal/session", "internal/varied",
	"internal/watch", "reports/internal/search", "reports/internal/varied", "reports/page", "scenarios/upgrade",
}

// counted is a number and the words that follow it, up to the first that may be a plural.
var counted = regexp.MustCompile(`(\S+ )?%(?:d|\.0f) (?:[a-z]+ )??([a-z]+s)\b`)

// several stand before numbers that are no one's count: "1 of 4 trials", "at most 1,000 cells".
var several = []string{"of ", "least ", "most ", "than ", "to ", "beyond "}

// singulars end in s, and are no plurals.
var singulars = []string{"as", "is", "was", "has", "its", "this", "does", "ms", "ns"}

func TestCountsAgreeWithTheirNouns(t *testing.T) {
	seen := 0
	for _, file := range sourceFiles(t) {
		if file.test || !slices.ContainsFunc(counting, func(under string) bool {
			return file.folder == under || strings.HasPrefix(file.folder, under+"/")
		}) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(file.path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts(parsed) {
			seen++
			for _, m := range counted.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(several, m[1]) && !slices.Contains(singulars, m[2]) {
					t.Errorf("%s: %q: a count has its noun from digits.Count", file.path, m[0])
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no text was read")
	}
}

// texts are all strings of a file, those that are added up as one.
func texts(file *ast.File) (all []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, whole := textOf(e)
		if whole {
			all = append(all, text)
		}
		return !whole
	})
	return all
}

// textOf is the string that an expression of literals is; false for any other.
func textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, whole1 := textOf(e.X)
		right, whole2 := textOf(e.Y)
		return left + right, e.Op == token.ADD && whole1 && whole2
	}
	return "", false
}
