package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oauthbench/oauthbench/internal/exitcode"
)

// Every fenced block of README and docs that begins with "$ oauthbench" is run, all
// of one file in one directory. The lines after the command are what it prints:
// numbers are masked, space is folded, and "..." stands for anything. A line "(exit 0
// or 3)" allows a verdict that depends on how busy the machine is.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs(filepath.Join(root, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, file := range append(files, filepath.Join(root, "README.md")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.Symlink(examples, filepath.Join(dir, "examples")); err != nil {
			t.Fatal(err)
		}
		found := blocks(string(data))
		commands += len(found)
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			for _, block := range found {
				code, stdout, stderr := oauthbench(t, dir, words(block.command)...)
				if !slices.Contains(block.codes, code) {
					t.Errorf("%s: exit %d; want one of %v\n%s%s", block.command, code, block.codes, stdout, stderr)
				}
				if !matches(stdout+stderr, block.output) {
					t.Errorf("%s printed\n%s%s\nthe page says\n%s", block.command, stdout, stderr,
						strings.Join(block.output, "\n"))
				}
			}
		})
	}
	if commands < 3 {
		t.Errorf("%d documented commands found; the pages have more", commands)
	}
}

type block struct {
	command string
	output  []string
	codes   []int // that the page allows
}

// blocks finds the fenced blocks that begin with a command of ours.
func blocks(page string) []block {
	var found []block
	lines := strings.Split(page, "\n")
	for i := 0; i+1 < len(lines); i++ {
		command, ours := strings.CutPrefix(lines[i+1], "$ oauthbench ")
		if !strings.HasPrefix(lines[i], "```") || !ours {
			continue
		}
		b := block{command: command, codes: []int{exitcode.Pass}}
		for i += 2; i < len(lines) && lines[i] != "```"; i++ {
			switch lines[i] {
			case "(exit 0 or 3)":
				b.codes = []int{exitcode.Pass, exitcode.Inconclusive}
			default:
				b.output = append(b.output, lines[i])
			}
		}
		found = append(found, b)
	}
	return found
}

var (
	quoted  = regexp.MustCompile(`'[^']*'|\S+`)
	numbers = regexp.MustCompile(`[0-9]+([.,:][0-9]+)*`)
	spaces  = regexp.MustCompile(`\s+`)
)

// words splits a command line as a shell does, for single quotes and spaces.
func words(line string) []string {
	var out []string
	for _, w := range quoted.FindAllString(line, -1) {
		out = append(out, strings.Trim(w, "'"))
	}
	return out
}

// matches tells whether the parts of want, which "..." separates, occur in got in
// order, with numbers masked and space folded.
func matches(got string, want []string) bool {
	mask := func(s string) string {
		return strings.TrimSpace(spaces.ReplaceAllString(numbers.ReplaceAllString(s, "0"), " "))
	}
	rest := mask(got)
	for part := range strings.SplitSeq(strings.Join(want, "\n"), "...") {
		_, after, found := strings.Cut(rest, mask(part))
		if !found {
			return false
		}
		rest = after
	}
	return true
}
