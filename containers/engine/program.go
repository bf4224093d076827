package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	imageapi "github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
)

// labelProgram has the SHA-256 of the program that an image of ours consists of.
const labelProgram = "org.oauthbench.program.sha256"

// OwnImages begins the names of all images that ProgramImage makes. Nobody else's do,
// for localhost is no registry.
const OwnImages = "localhost/oauthbench/"

// ProgramImage makes an image of one program for Linux, once: its tag and a label are the
// program's content. One that is linked dynamically, as a build with cgo is, brings its
// linker and its libraries from this machine. An image that has the name and is not of this
// program is an error. name is the image's below OwnImages, entry that of the program
// in it. The image's full name is returned.
func (e *Engine) ProgramImage(ctx context.Context, name, entry, program string) (string, error) {
	files, err := programFiles(entry, program)
	if err != nil {
		return "", fmt.Errorf("build the image of %s: %w", program, err)
	}
	digest := digestOf(files)
	reference := OwnImages + name + ":" + digest[:12]
	found, err := e.Client.ImageInspect(ctx, reference)
	if err == nil {
		return reference, checkProgram(found.InspectResponse, reference, entry, digest)
	}
	if !errdefs.IsNotFound(err) {
		return "", fmt.Errorf("look for the image of %s: %w", program, err)
	}
	layer, err := rootFileSystem(files)
	if err != nil {
		return "", err
	}
	// The tag is part of the name: Podman takes no notice of the option for it.
	answer, err := e.Client.ImageImport(ctx, client.ImageImportSource{Source: layer, SourceName: "-"}, reference,
		client.ImageImportOptions{
			Changes: []string{fmt.Sprintf("ENTRYPOINT [%q]", "/"+entry), "USER 65532:65532",
				"LABEL " + labelProgram + "=" + digest},
		})
	if err != nil {
		return "", fmt.Errorf("build the image of %s: %w", program, err)
	}
	if err := errors.Join(streamError(answer), answer.Close()); err != nil {
		return "", fmt.Errorf("build the image of %s: %w", program, err)
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
	images, err := e.Client.ImageList(ctx,
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
				if _, err = e.Client.ImageRemove(ctx, tag, client.ImageRemoveOptions{}); err == nil {
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
	found, err := e.Client.ContainerList(ctx,
		client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("ancestor", id)})
	return len(found.Items) > 0, err
}

// file is one of an image: its path without the leading slash, and its content.
type file struct {
	name    string
	content []byte
}

// programFiles are the program, under the name that is its entry, and what it needs of
// this machine to start.
func programFiles(entry, program string) ([]file, error) {
	binary, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	beside, err := needs(binary)
	if err != nil {
		return nil, err
	}
	files := []file{{entry, binary}}
	for _, name := range beside {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{strings.TrimPrefix(name, "/"), content})
	}
	return files, nil
}

// digestOf is the SHA-256 of the program, or of the program and all that it needs.
func digestOf(files []file) string {
	sum := sha256.New()
	for i, f := range files {
		if i > 0 {
			fmt.Fprintf(sum, "\x00%s\x00%d\x00", f.name, len(f.content))
		}
		sum.Write(f.content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// rootFileSystem is the files and a directory for temporary ones, as an archive.
func rootFileSystem(files []file) (io.Reader, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}); err != nil {
		return nil, err
	}
	for _, f := range files {
		header := tar.Header{Name: f.name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(f.content))}
		if err := w.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	return &b, w.Close()
}
