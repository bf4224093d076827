package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// Qualify puts a mirror's prefix before an image that names no registry itself. An
// empty prefix leaves it to testcontainers' own variable.
func Qualify(prefix, image string) string {
	if prefix == "" {
		prefix = os.Getenv(prefixVariable)
	}
	first, _, several := strings.Cut(image, "/")
	hasRegistry := several && (strings.ContainsAny(first, ".:") || first == "localhost")
	if prefix == "" || hasRegistry {
		return image
	}
	return path.Join(prefix, image)
}

// MissingImage is the error of a start whose images the engine does not have.
type MissingImage struct {
	Images []string // There is at least one.
	Cause  error    // of the first pull, nil when none was tried
	// Made says how images are made that no registry has; "" for those of a registry.
	Made string
}

func (e *MissingImage) Error() string {
	tried := ""
	if e.Cause != nil {
		tried = fmt.Sprintf(" and cannot be pulled (%s)", oneLine(e.Cause))
	}
	what, are, it, one := "image", "is", "it", "a saved one"
	if len(e.Images) > 1 {
		what, are, it, one = "images", "are", "them", "saved ones"
	}
	if e.Made != "" {
		return fmt.Sprintf("%s %s %s not in the container engine, and no registry has %s: %s, or docker load %s", what,
			strings.Join(e.Images, " and "), are, it, e.Made, one)
	}
	return fmt.Sprintf("%s %s %s not in the container engine%s: docker pull %s, docker load %s, or name a mirror "+
		"with --registry",
		what, strings.Join(e.Images, " and "), are, tried, it, one)
}

func (e *MissingImage) Unwrap() error { return e.Cause }

// Image is one that the engine has.
type Image struct {
	Reference string   // as it is run
	Digest    string   // of the registry's manifest, else the engine's own id
	Volumes   []string // paths that the image declares as volumes
}

// Need returns an image of the engine. It asks a registry only when pull allows it
// and the engine does not have the image.
func (e *Engine) Need(ctx context.Context, reference string, pull bool) (Image, error) {
	found, err := e.Client.ImageInspect(ctx, reference)
	if errdefs.IsNotFound(err) {
		if made := madeBy(reference); made != "" {
			return Image{}, &MissingImage{Images: []string{reference}, Made: made}
		}
		if !pull {
			return Image{}, &MissingImage{Images: []string{reference}}
		}
		if err := e.pull(ctx, reference); err != nil {
			return Image{}, &MissingImage{Images: []string{reference}, Cause: err}
		}
		found, err = e.Client.ImageInspect(ctx, reference)
	}
	if err != nil {
		return Image{}, fmt.Errorf("look for image %s: %w", reference, err)
	}
	img := Image{Reference: reference, Digest: found.ID}
	if len(found.RepoDigests) > 0 {
		_, img.Digest, _ = strings.Cut(found.RepoDigests[0], "@")
	}
	if found.Config != nil {
		for path := range found.Config.Volumes {
			img.Volumes = append(img.Volumes, path)
		}
	}
	return img, nil
}

// packaged is what the names of images begin with that are made of packages, and that no registry has.
const packaged = "oauthbench/"

// madeBy says how an image is made that no registry has; "" for one that a registry may have.
func madeBy(reference string) string {
	if !strings.HasPrefix(reference, packaged) {
		return ""
	}
	return "make it with .ci/images/build.sh " + reference + " of this project's sources"
}

// pull asks the registry once. Note: testcontainers would try again for a quarter of
// an hour, which on a host without a registry is a hang.
func (e *Engine) pull(ctx context.Context, reference string) error {
	var o client.ImagePullOptions
	// Credentials are those of docker login; most registries need none.
	if _, auth, err := testcontainers.DockerImageAuth(ctx, reference); err == nil {
		if o.RegistryAuth, err = authconfig.Encode(auth); err != nil {
			return err
		}
	}
	answer, err := e.Client.ImagePull(ctx, reference, o)
	if err != nil {
		return err
	}
	return errors.Join(streamError(answer), answer.Close())
}

// streamError reads the engine's stream of messages about an image to its end and
// finds the error in it, which is told with the status 200.
func streamError(r io.Reader) error {
	for d := json.NewDecoder(r); ; {
		var message struct {
			Error string `json:"error"`
		}
		if err := d.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if message.Error != "" {
			return errors.New(message.Error)
		}
	}
}
