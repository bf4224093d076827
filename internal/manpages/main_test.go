package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/oauthbench/oauthbench/internal/cli"
)

// Every command has a page with its name, what it does and all its flags.
func TestEveryCommandHasAPage(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	folder := t.TempDir()
	root := cli.Root()
	if err := write(root, folder); err != nil {
		t.Fatal(err)
	}
	pages := 0
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd != root {
			return
		}
		pages++
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		content, err := os.ReadFile(filepath.Join(folder, name+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		page := strings.ReplaceAll(string(content), `\-`, "-")
		for _, want := range []string{".TH", `"Jan 1970"`, strings.TrimSuffix(cmd.Short, "."), ".SH SYNOPSIS"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s.1 has no %q", name, want)
			}
		}
		for _, flag := range strings.Fields(cmd.NonInheritedFlags().FlagUsages()) {
			if strings.HasPrefix(flag, "--") && !strings.Contains(page, flag) {
				t.Errorf("%s.1 has no %s", name, flag)
			}
		}
		for _, c := range cmd.Commands() {
			look(c)
		}
	}
	look(root)
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != pages || pages < 10 {
		t.Errorf("%d pages for %d commands, %v", len(files), pages, err)
	}
}

// A table keeps its lines and a word its underscores.
func TestMarkdown(t *testing.T) {
	got := markdown("See *it*:\n  a_b  first\n  c    second\nEnd of error_ratio.")
	want := "See \\*it\\*:\n\n      a_b  first\n      c    second\n\nEnd of error\\_ratio."
	if got != want {
		t.Errorf("markdown = %q; want %q", got, want)
	}
}
