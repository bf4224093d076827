package stack

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// buildReference makes the image of the reference server of one binary, once: its
// tag is the binary's content.
func buildReference(ctx context.Context, e *engine, o Options) (string, error) {
	path := o.Binary
	if path == "" {
		var err error
		if path, err = os.Executable(); err != nil {
			return "", fmt.Errorf("find this program's own file: %w", err)
		}
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the program for the image: %w", err)
	}
	if err := static(binary); err != nil {
		return "", fmt.Errorf("build the image of %s: %w", path, err)
	}
	sum := sha256.Sum256(binary)
	reference := "localhost/oauthbench/reference:" + hex.EncodeToString(sum[:6])
	_, err = e.ImageInspect(ctx, reference)
	if err == nil {
		return reference, nil
	}
	if !errdefs.IsNotFound(err) {
		return "", fmt.Errorf("look for the image of %s: %w", path, err)
	}
	layer, err := rootFileSystem(binary)
	if err != nil {
		return "", err
	}
	// The tag is part of the name: Podman takes no notice of the option for it.
	answer, err := e.ImageImport(ctx, client.ImageImportSource{Source: layer, SourceName: "-"}, reference, client.ImageImportOptions{
		Changes: []string{`ENTRYPOINT ["/oauthbench"]`, "USER 65532:65532", "LABEL " + labelReference},
	})
	if err != nil {
		return "", fmt.Errorf("build the image of %s: %w", path, err)
	}
	if err := errors.Join(streamError(answer), answer.Close()); err != nil {
		return "", fmt.Errorf("build the image of %s: %w", path, err)
	}
	return reference, nil
}

// static refuses programs that need a dynamic linker, which the image does not have.
func static(binary []byte) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return errors.New("it is not a Linux program: give a linux build of oauthbench with --binary")
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is linked dynamically: build oauthbench with CGO_ENABLED=0, or give such a build with --binary")
		}
	}
	return nil
}

// rootFileSystem is the program and a directory for temporary files, as an archive.
func rootFileSystem(binary []byte) (io.Reader, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	files := []struct {
		header  tar.Header
		content []byte
	}{
		{tar.Header{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}, nil},
		{tar.Header{Name: "oauthbench", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(binary))}, binary},
	}
	for _, f := range files {
		if err := w.WriteHeader(&f.header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	return &b, w.Close()
}
