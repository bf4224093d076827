package engine

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
	"path"
	"slices"

	"github.com/containerd/errdefs"
	imageapi "github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
)

// labelProgram has the SHA-256 of the program that an image of ours consists of.
const labelProgram = "org.oauthbench.program.sha256"

// OwnImages begins the names of all images that ProgramImage makes. Nobody else's do,
// for localhost is no registry.
const OwnImages = "localhost/oauthbench/"

// ProgramImage makes an image of one statically linked program, once: its tag and a
// label are the program's content. An image that has the name and is not of this
// program is an error. name is the image's below OwnImages, entry that of the program
// in it. The image's full name is returned.
func (e *Engine) ProgramImage(ctx context.Context, name, entry, file string) (string, error) {
	binary, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the program for the image: %w", err)
	}
	if err := static(binary); err != nil {
		return "", fmt.Errorf("build the image of %s: %w", file, err)
	}
	sum := sha256.Sum256(binary)
	digest := hex.EncodeToString(sum[:])
	reference := OwnImages + name + ":" + digest[:12]
	found, err := e.ImageInspect(ctx, reference)
	if err == nil {
		return reference, checkProgram(found.InspectResponse, reference, entry, digest)
	}
	if !errdefs.IsNotFound(err) {
		return "", fmt.Errorf("look for the image of %s: %w", file, err)
	}
	layer, err := rootFileSystem(entry, binary)
	if err != nil {
		return "", err
	}
	// The tag is part of the name: Podman takes no notice of the option for it.
	answer, err := e.ImageImport(ctx, client.ImageImportSource{Source: layer, SourceName: "-"}, reference,
		client.ImageImportOptions{
			Changes: []string{fmt.Sprintf("ENTRYPOINT [%q]", "/"+entry), "USER 65532:65532",
				"LABEL " + labelProgram + "=" + digest},
		})
	if err != nil {
		return "", fmt.Errorf("build the image of %s: %w", file, err)
	}
	if err := errors.Join(streamError(answer), answer.Close()); err != nil {
		return "", fmt.Errorf("build the image of %s: %w", file, err)
	}
	return reference, nil
}

// checkProgram makes sure that an image is the one that we would make: of this program
// alone. An image built from ours has the label too, and more layers or another command.
func checkProgram(found imageapi.InspectResponse, reference, entry, digest string) error {
	ok := found.Config != nil && found.Config.Labels[labelProgram] == digest &&
		slices.Equal(found.Config.Entrypoint, []string{"/" + entry}) && len(found.RootFS.Layers) == 1
	if !ok {
		return fmt.Errorf("image %s is not of this program, though it has its name: remove it (docker rmi %s)",
			reference, reference)
	}
	return nil
}

// RemoveOldPrograms removes the images of a program of this name that no container
// uses, but for the newest, and returns their names. Only our name for them is taken
// away: what somebody else called by another name, or built from one, stays.
func (e *Engine) RemoveOldPrograms(ctx context.Context, name string) ([]string, error) {
	images, err := e.ImageList(ctx,
		client.ImageListOptions{Filters: make(client.Filters).Add("reference", OwnImages+name)})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(images.Items, func(a, b imageapi.Summary) int { return int(b.Created - a.Created) })
	var removed []string
	var errs []error
	for i, image := range images.Items {
		if i == 0 {
			continue
		}
		for _, tag := range image.RepoTags {
			if matches, _ := path.Match(OwnImages+name+":*", tag); !matches {
				continue
			}
			used, err := e.used(ctx, image.ID)
			if err == nil && !used {
				if _, err = e.ImageRemove(ctx, tag, client.ImageRemoveOptions{}); err == nil {
					removed = append(removed, tag)
				}
			}
			if err != nil && !errdefs.IsConflict(err) && !errdefs.IsNotFound(err) {
				errs = append(errs, fmt.Errorf("image %s: %w", tag, err))
			}
		}
	}
	return removed, errors.Join(errs...)
}

// used tells whether a container was made of the image.
func (e *Engine) used(ctx context.Context, id string) (bool, error) {
	found, err := e.ContainerList(ctx,
		client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("ancestor", id)})
	return len(found.Items) > 0, err
}

// static refuses programs that need a dynamic linker, which the image does not have.
func static(binary []byte) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return errors.New("it is not a Linux program: give a linux build of oauthbench with --binary")
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is linked dynamically: build oauthbench with CGO_ENABLED=0, or give such a build " +
				"with --binary")
		}
	}
	return nil
}

// rootFileSystem is the program and a directory for temporary files, as an archive.
func rootFileSystem(entry string, binary []byte) (io.Reader, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	files := []struct {
		header  tar.Header
		content []byte
	}{
		{tar.Header{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}, nil},
		{tar.Header{Name: entry, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(binary))}, binary},
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
