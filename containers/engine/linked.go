package engine

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// needs lists the files beside a program that it needs to start: nothing for one that
// is linked statically, else its dynamic linker and every shared library, at their
// absolute paths on this machine. A build with cgo is of that kind, which is what
// `go build` makes wherever a C compiler is.
func needs(program []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return nil, errors.New("it is not a Linux program: give a linux build of oauthbench with --binary")
	}
	interpreter, err := interpreterOf(f)
	if err != nil || interpreter == "" {
		return nil, err
	}
	found := []string{interpreter}
	known := map[string]bool{path.Base(interpreter): true}
	for queue := []*elf.File{f}; len(queue) > 0; queue = queue[1:] {
		libraries, err := queue[0].ImportedLibraries()
		if err != nil {
			return nil, fmt.Errorf("read which libraries it needs: %w", err)
		}
		for _, library := range libraries {
			if known[library] {
				continue
			}
			known[library] = true
			file, parsed, err := findLibrary(library, f.FileHeader)
			if err != nil {
				return nil, err
			}
			found, queue = append(found, file), append(queue, parsed)
		}
	}
	return found, nil
}

// interpreterOf is the path of a program's dynamic linker, empty when it has none.
func interpreterOf(f *elf.File) (string, error) {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
		if err != nil {
			return "", fmt.Errorf("read its dynamic linker's name: %w", err)
		}
		return strings.TrimRight(string(text), "\x00"), nil
	}
	return "", nil
}

// findLibrary looks where dynamic linkers look by default, for they find it there in
// the image as well. A library of another machine's kind is passed over.
func findLibrary(name string, of elf.FileHeader) (string, *elf.File, error) {
	for _, pattern := range []string{"/lib/*-linux-*", "/usr/lib/*-linux-*", "/lib64", "/usr/lib64", "/lib",
		"/usr/lib"} {
		folders, err := filepath.Glob(pattern)
		if err != nil {
			return "", nil, err
		}
		for _, folder := range folders {
			file := path.Join(folder, name)
			content, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			f, err := elf.NewFile(bytes.NewReader(content))
			if err == nil && f.Machine == of.Machine && f.Class == of.Class {
				return file, f, nil
			}
		}
	}
	return "", nil, fmt.Errorf("it needs %s, which is not in the system's folders for libraries: build oauthbench "+
		"with CGO_ENABLED=0, or give such a build with --binary", name)
}
