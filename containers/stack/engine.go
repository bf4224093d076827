package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

// Environment variables of testcontainers that concern us.
const (
	reaperVariable = "TESTCONTAINERS_RYUK_DISABLED"
	prefixVariable = "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"
)

// engine is a connection to the container engine that testcontainers chose.
type engine struct{ *testcontainers.DockerClient }

// connect opens the engine: DOCKER_HOST, the current Docker context or the usual
// socket, as testcontainers looks for them.
func connect(ctx context.Context) (*engine, error) {
	configure()
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach the container engine: %s: start it (systemctl start docker), or name it with DOCKER_HOST", oneLine(err))
	}
	return &engine{c}, nil
}

// oneLine is an error's text without line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// configure settles testcontainers' process-wide settings before it reads them for
// the first and only time: it is silent, and it does without its reaper. Close and
// Clean do the reaper's work, while the reaper publishes a port on all addresses of
// the machine, and a start that cannot reach it hangs. A choice that the user made by
// the variable stands.
//
// Note: this state is testcontainers', and there is no other way to set it.
var configure = sync.OnceFunc(func() {
	tclog.SetDefault(tclog.NewNoopLogger())
	if _, chosen := os.LookupEnv(reaperVariable); !chosen {
		_ = os.Setenv(reaperVariable, "true") // fails only for an invalid name
	}
})

// reaperImage is the image that testcontainers looks for.
//
//lint:ignore SA1019 nothing else tells which it is
var reaperImage = testcontainers.ReaperDefaultImage

// qualify puts a mirror's prefix before an image that names no registry itself. An
// empty prefix leaves it to testcontainers' own variable.
func qualify(prefix, image string) string {
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
	Images []string // at least one
	Cause  error    // of the first pull, nil when none was tried
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
	return fmt.Sprintf("%s %s %s not in the container engine%s: docker pull %s, docker load %s, or name a mirror with --registry",
		what, strings.Join(e.Images, " and "), are, tried, it, one)
}

func (e *MissingImage) Unwrap() error { return e.Cause }

// image is one that the engine has.
type image struct {
	reference string   // as it is run
	digest    string   // of the registry's manifest, else the engine's own id
	volumes   []string // paths that the image declares as volumes
}

// need returns an image of the engine. It asks a registry only when pull allows it
// and the engine does not have the image.
func (e *engine) need(ctx context.Context, reference string, pull bool) (image, error) {
	found, err := e.ImageInspect(ctx, reference)
	if errdefs.IsNotFound(err) {
		if !pull {
			return image{}, &MissingImage{Images: []string{reference}}
		}
		if err := e.pull(ctx, reference); err != nil {
			return image{}, &MissingImage{Images: []string{reference}, Cause: err}
		}
		found, err = e.ImageInspect(ctx, reference)
	}
	if err != nil {
		return image{}, fmt.Errorf("look for image %s: %w", reference, err)
	}
	img := image{reference: reference, digest: found.ID}
	if len(found.RepoDigests) > 0 {
		_, img.digest, _ = strings.Cut(found.RepoDigests[0], "@")
	}
	if found.Config != nil {
		for path := range found.Config.Volumes {
			img.volumes = append(img.volumes, path)
		}
	}
	return img, nil
}

// pull asks the registry once. Note: testcontainers would try again for a quarter of
// an hour, which on a host without a registry is a hang.
func (e *engine) pull(ctx context.Context, reference string) error {
	var o client.ImagePullOptions
	// Credentials are those of docker login; most registries need none.
	if _, auth, err := testcontainers.DockerImageAuth(ctx, reference); err == nil {
		if o.RegistryAuth, err = authconfig.Encode(auth); err != nil {
			return err
		}
	}
	answer, err := e.ImagePull(ctx, reference, o)
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
