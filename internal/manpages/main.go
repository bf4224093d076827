// Manpages writes the manual pages of all commands into a folder:
//
//	go run ./internal/manpages build/man
//
// A release makes them of its own commands; they are kept nowhere.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/oauthbench/oauthbench/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/manpages FOLDER")
		os.Exit(2)
	}
	if err := write(cli.Root(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

// write makes a page for the command and for each that it has. Their month is that of
// SOURCE_DATE_EPOCH, if it is set.
func write(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root.InitDefaultCompletionCmd()
	prepare(root)
	return doc.GenManTreeFromOpts(root, doc.GenManTreeOptions{
		Header: &doc.GenManHeader{Section: "1", Source: "oauthbench", Manual: "oauthbench"},
		Path:   folder, CommandSeparator: "-",
	})
}

// prepare makes the texts of commands what the writer of pages takes them for, which is Markdown.
func prepare(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	if !strings.HasPrefix(cmd.CommandPath(), "oauthbench completion") {
		cmd.Long = markdown(cmd.Long)
	}
	for _, c := range cmd.Commands() {
		prepare(c)
	}
}

// markdown sets lines that begin with a space, which are tables, as they are, and escapes what
// Markdown would take for marks in the others.
func markdown(text string) string {
	escape := strings.NewReplacer(`*`, `\*`, `_`, `\_`, "`", "\\`", `<`, `\<`)
	var out []string
	table := false
	for line := range strings.SplitSeq(text, "\n") {
		was := table
		if table = strings.HasPrefix(line, " "); table {
			line = "    " + line
		} else {
			line = escape.Replace(line)
		}
		if table != was {
			out = append(out, "")
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
