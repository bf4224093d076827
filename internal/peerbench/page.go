package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/oauthbench/oauthbench/internal/wholefile"
)

// A page has a block for each part: what lies between these lines is this program's.
const (
	blockBegins = "<!-- peerbench: %s -->\n"
	blockEnds   = "<!-- end -->\n"
)

// writeBlocks puts what each part printed into its block of a page, and leaves the rest of the
// page as it is. It fails, and changes nothing, when the page has no block for a part.
func writeBlocks(path string, blocks map[string]string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	page := string(data)
	for part, text := range blocks {
		head := fmt.Sprintf(blockBegins, part)
		before, rest, found := strings.Cut(page, head)
		_, after, ended := strings.Cut(rest, blockEnds)
		if !found || !ended {
			return fmt.Errorf("%s has no block for %s, from %q to %q", path, part, strings.TrimSpace(head),
				strings.TrimSpace(blockEnds))
		}
		page = before + head + text + blockEnds + after
	}
	return wholefile.Replace(path, func(w io.Writer) error {
		_, err := io.WriteString(w, page)
		return err
	})
}
