// Licences prints the licences and notices of all that is linked into the program, as it is
// built for each system:
//
//	go run ./internal/licences >build/LICENCES
//
// A release carries what it prints: most of them want that of whoever hands on a program.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := write(os.Stdout, "."); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// systems are those that a release is built for.
var systems = []string{"linux", "darwin", "windows"}

// texts are the files that hold a licence or a notice.
var texts = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)`)

// write prints the texts of each module whose packages the program in a folder is made of, and
// Go's own.
func write(w io.Writer, program string) error {
	modules := map[string]string{} // folder by name
	for _, system := range systems {
		list := exec.Command("go", "list", "-deps", "-f",
			"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
		list.Dir, list.Stderr = program, os.Stderr
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			return fmt.Errorf("go list for %s: %w", system, err)
		}
		for line := range strings.Lines(string(out)) {
			if name, folder, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				modules[name] = folder
			}
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	modules["Go"] = strings.TrimSpace(string(root))
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		if err := writeModule(w, name, modules[name]); err != nil {
			return err
		}
	}
	return nil
}

// writeModule prints the texts of one module; a module without any is an error.
func writeModule(w io.Writer, name, folder string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	found := false
	for _, f := range files {
		if f.IsDir() || !texts.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		found = true
		if _, err := fmt.Fprintf(w, "=== %s: %s\n\n%s\n\n", name, f.Name(),
			strings.TrimSpace(string(text))); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", name, folder)
	}
	return nil
}
