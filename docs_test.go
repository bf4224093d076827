package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/extending.md and CONTRIBUTING.md name only files and tests that there are: a
// recipe that leads nowhere is worse than none.
func TestRecipesNameWhatThereIs(t *testing.T) {
	var sources strings.Builder
	for _, file := range sourceFiles(t) {
		text, err := os.ReadFile(file.path)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	code := sources.String()
	path := regexp.MustCompile("`([a-z]+(?:/[a-z0-9_]+)+(?:\\.go)?)`")
	testName := regexp.MustCompile(`-run\s+(Test[A-Za-z]+)`)
	symbol := regexp.MustCompile("`(?:stack|containers|scenarios|reports|runs)\\.([A-Z][A-Za-z]+)`")
	named := 0
	for _, page := range []string{"docs/extending.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range path.FindAllStringSubmatch(string(text), -1) {
			if named++; strings.Contains(found[1], "your") {
				continue // What the reader is to make.
			}
			if _, err := os.Stat(found[1]); err != nil {
				t.Errorf("%s names %s, which is not there", page, found[1])
			}
		}
		for _, found := range testName.FindAllStringSubmatch(string(text), -1) {
			if named++; !strings.Contains(code, "func "+found[1]) {
				t.Errorf("%s names %s, which is no test", page, found[1])
			}
		}
		for _, found := range symbol.FindAllStringSubmatch(string(text), -1) {
			declared := regexp.MustCompile(`(?m)^(func |type |var |const |\t)` + found[1] + `\b`)
			if named++; !declared.MatchString(code) {
				t.Errorf("%s names %s, which is not declared", page, found[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("%d names found in the recipes; they have more", named)
	}
}

// The index of the documentation names every page.
func TestTheIndexIsWhole(t *testing.T) {
	index, err := os.ReadFile("docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v; there are more", len(pages), err)
	}
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && !strings.Contains(string(index), "]("+name+")") {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}
