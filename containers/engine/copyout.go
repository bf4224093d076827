package engine

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// maxFile bounds a file read out of an image, in bytes.
const maxFile = 16 << 20

// ReadFile reads one file of an image, out of a container that is never started.
func (e *Engine) ReadFile(ctx context.Context, mine Mark, img Image, path string) (content []byte, err error) {
	made, err := e.Client.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: mine.Name("file"), Config: &container.Config{Image: img.Reference, Labels: mine.Labels("file")},
	})
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", path, img.Reference, err)
	}
	defer func() {
		_, removal := e.Client.ContainerRemove(context.WithoutCancel(ctx), made.ID,
			client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		err = errors.Join(err, removal)
	}()
	archive, err := e.Client.CopyFromContainer(ctx, made.ID, client.CopyFromContainerOptions{SourcePath: path})
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w: the image is not laid out as expected", path, img.Reference, err)
	}
	defer archive.Content.Close()
	r := tar.NewReader(archive.Content)
	if _, err := r.Next(); err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", path, img.Reference, err)
	}
	return io.ReadAll(io.LimitReader(r, maxFile))
}
