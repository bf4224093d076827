package stack

import (
	"cmp"
	"strconv"
	"time"
)

// Options are those of a start. The zero value is good for a try.
type Options struct {
	// RunID labels everything that is made; "" draws one. Stacks of one run share it.
	RunID string
	// Registry is put before the names of images that name no registry, as in
	// mirror.example/hub; "" is the environment's TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX.
	Registry string
	// Pull allows to ask the registry, once, for an image that the engine lacks.
	Pull bool
	// Server and Database limit each container.
	Server, Database Limits
	// Binary is the statically linked program that an image is made of when a server's
	// image is built here; "" is this program.
	Binary string
	// Port is the public port on 127.0.0.1; 0 is any free one.
	Port int
	// Timeout bounds each container's way to readiness; 0 is 2 min, and 5 min for a server that
	// warms up for one. Migrations count too.
	Timeout time.Duration
	// Progress, when not nil, is told what is being done, for people.
	Progress func(string)
}

// Limits are those of one container. The zero value sets none.
type Limits struct {
	CPUs   float64 // cores
	Memory int64   // bytes
	CPUSet string  // CPUs that it may use, as in cpuset(7); "" for all
}

// or takes from others what l does not set.
func (l Limits) or(others Limits) Limits {
	return Limits{cmp.Or(l.CPUs, others.CPUs), cmp.Or(l.Memory, others.Memory), cmp.Or(l.CPUSet, others.CPUSet)}
}

// describe adds the limits to the settings of a deployment.
func (l Limits) describe(settings map[string]string, prefix string) {
	if l.CPUs != 0 {
		settings[prefix+"cpus"] = strconv.FormatFloat(l.CPUs, 'g', -1, 64)
	}
	if l.CPUSet != "" {
		settings[prefix+"cpuset"] = l.CPUSet
	}
	if l.Memory != 0 {
		settings[prefix+"memory_bytes"] = strconv.FormatInt(l.Memory, 10)
	}
}
