package engine

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/internal/owner"
)

// Labels of everything that is made here.
const (
	LabelKind  = "org.oauthbench"       // always "true": how Clean finds them
	LabelRun   = "org.oauthbench.run"   // id of the run
	LabelStack = "org.oauthbench.stack" // id of the stack
	LabelRole  = "org.oauthbench.role"  // server, database, migration, ...
	LabelOwner = "org.oauthbench.owner" // the process that made it, see owner.Process
)

// Mark says whose the things of one stack are.
type Mark struct {
	Run   string // id of the run
	Stack string // id of the stack, which nothing else has
}

// Labels are those of one thing of the stack.
func (m Mark) Labels(role string) map[string]string {
	return map[string]string{
		LabelKind: "true", LabelRun: m.Run, LabelStack: m.Stack, LabelRole: role, LabelOwner: owner.Self().String(),
	}
}

// Name is a new name for a thing of the stack.
func (m Mark) Name(role string) string { return named(m.Stack, role) + Random(4) }

// named is how the names of a stack's things with one role begin.
func named(stack, role string) string { return "oauthbench-" + stack + "-" + role + "-" }

// ours tells whether a thing with these labels has a name that we gave it.
func ours(labels map[string]string, name string) bool {
	stack, role := labels[LabelStack], labels[LabelRole]
	return stack != "" && role != "" && strings.HasPrefix(strings.TrimPrefix(name, "/"), named(stack, role))
}

// Filter finds the things of the stack.
func (m Mark) Filter() client.Filters {
	return make(client.Filters).Add("label", LabelRun+"="+m.Run, LabelStack+"="+m.Stack)
}

// Random is n bytes in hexadecimal digits, from the system's generator.
func Random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, since Go 1.24
	return hex.EncodeToString(b)
}
