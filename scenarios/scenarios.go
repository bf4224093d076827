// Package scenarios is the catalogue of OAuth workloads. A scenario knows which
// requests to send and which answers the specifications allow; it knows nothing of
// rates, schedules, or how its server was started.
//
// Everything a trial needs is made before its clock starts: tokens are minted,
// bodies are encoded. On the clock there is only the request.
package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"oauthbench/bench"
	"oauthbench/internal/oauth"
)

// Server is an authorization server as a scenario needs it: reachable, and willing
// to register clients. Implementations are safe for concurrent use.
type Server interface {
	Endpoints() oauth.Endpoints
	// RegisterClient makes a confidential client. It wraps errors.ErrUnsupported when
	// the server cannot give it a property that was asked for.
	RegisterClient(ctx context.Context, spec oauth.ClientSpec) (oauth.Credential, error)
	// IntrospectionCredential is how a resource server proves itself at the
	// introspection endpoint. The zero Credential means that nothing is needed.
	IntrospectionCredential(ctx context.Context) (oauth.Credential, error)
}

// Authorizer is a Server that lets a user be played: one who logs in and agrees.
type Authorizer interface {
	// Authorize returns the authorization code that the user's browser is sent back
	// with (RFC 6749 section 4.1.2).
	Authorize(ctx context.Context, a oauth.Authorization) (code string, err error)
}

// DeviceApprover is a Server that lets a user be played who agrees to a device.
type DeviceApprover interface {
	ApproveDevice(ctx context.Context, a oauth.DeviceApproval) error
}

// Capable is a Server that says what it can do. One that does not say is asked, and
// its refusal is the error.
type Capable interface {
	Capabilities() oauth.Capabilities
}

// Scenario is one kind of traffic. Its name is also the name of its operation.
type Scenario struct {
	Name    string
	Summary string
	Source  string // the specification that its checks are from
	// Open registers what the scenario needs on one deployment.
	Open func(ctx context.Context, t Target) (Source, error)
}

// All are the scenarios there are.
var All = []Scenario{token, introspect, revoke}

// Target is one deployment, as scenarios prepare on it.
type Target struct {
	Server Server
	// Scope that tokens are asked for and must have; "" asks for none, and then any
	// is right.
	Scope string
	HTTP  *http.Client // for preparation and verification, never for the load
	// Parallel is how many requests the preparation may have in flight.
	Parallel int
}

// DefaultScope is for servers whose clients we register ourselves.
const DefaultScope = "bench"

// Source makes the requests of one scenario on one deployment.
type Source interface {
	// Prepare makes the requests of one trial. The workload's arrivals are numbered
	// from 0 to ask.Count-1.
	Prepare(ctx context.Context, ask Ask) (bench.Workload, error)
	// Notes tells what this deployment could not be asked, for the report.
	Notes() []string
}

// Ask is what a trial needs.
type Ask struct {
	Count  int
	Seed   uint64        // the same seed asks for the same sequence of requests
	Length time.Duration // of the trial; tokens must live longer
}

// Find returns the scenarios with these names, in the order of names. Its error
// names the first unknown one and lists those that exist.
func Find(names []string) ([]Scenario, error) {
	var found []Scenario
	for _, name := range names {
		i := slices.IndexFunc(All, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown scenario %q: there are %s", name, strings.Join(Names(), ", "))
		}
		if slices.ContainsFunc(found, func(s Scenario) bool { return s.Name == name }) {
			return nil, fmt.Errorf("scenario %q is named twice", name)
		}
		found = append(found, All[i])
	}
	if len(found) == 0 {
		return nil, errors.New("no scenario is named")
	}
	return found, nil
}

// Names lists all scenarios by name.
func Names() []string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = s.Name
	}
	return names
}
