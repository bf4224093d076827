package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

// Environment variables of testcontainers that concern us.
const (
	ReaperVariable = "TESTCONTAINERS_RYUK_DISABLED"
	hostVariable   = "DOCKER_HOST"
	prefixVariable = "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"
)

// Engine is a connection to the container engine that testcontainers chose. Its client
// speaks the engine's API as it is.
type Engine struct{ Client *testcontainers.DockerClient }

// Connect opens the engine: DOCKER_HOST, else the current Docker context or the usual
// socket, as testcontainers looks for them. An engine that DOCKER_HOST names and that does
// not answer is an error: another one would be another machine, perhaps.
func Connect(ctx context.Context) (*Engine, error) {
	configure()
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach the container engine: %s: start it (systemctl start docker), or name it with "+
			"DOCKER_HOST", oneLine(err))
	}
	if err := asNamed(os.Getenv(hostVariable), testcontainers.ReadConfig().Config.TestcontainersHost,
		c.DaemonHost()); err != nil {
		_ = c.Close() // Nothing was asked of it.
		return nil, err
	}
	return &Engine{c}, nil
}

// asNamed refuses an engine that was found in the place of the one that the environment
// names. The property tc.host of testcontainers, where it is set, goes before the environment.
func asNamed(environment, property, found string) error {
	if environment == "" || found == environment || property != "" && found == property {
		return nil
	}
	return fmt.Errorf("the container engine that %s names, %s, does not answer (%s does): start it, or unset %[1]s",
		hostVariable, environment, found)
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
	if _, chosen := os.LookupEnv(ReaperVariable); !chosen {
		_ = os.Setenv(ReaperVariable, "true") // fails only for an invalid name
	}
})

// ReaperImage is the image that testcontainers looks for.
//
//lint:ignore SA1019 nothing else tells which it is
var ReaperImage = testcontainers.ReaperDefaultImage
