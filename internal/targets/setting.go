package targets

import (
	"strings"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/authserver/settings"
	"github.com/oauthbench/oauthbench/internal/plan"
)

// Setting is what may follow the question mark of a target.
type Setting struct {
	Key     string `json:"key"`
	Values  string `json:"values,omitempty"`  // that it takes, in words
	Default string `json:"default,omitempty"` // "" when it is the server's own, or differs by version
	Meaning string `json:"meaning,omitempty"`
}

// faults stand for all settings that plant one.
var faults = Setting{Key: "fault.KIND", Values: "see docs/faults.md", Meaning: "a planted fault"}

// embeddedSettings are those of the embedded server.
func embeddedSettings() []Setting {
	var all []Setting
	for _, s := range settings.All() {
		if strings.HasPrefix(s.Key, "fault.") {
			continue
		}
		byDefault := s.Default(settings.V2)
		if byDefault != s.Default(settings.V1) {
			byDefault = ""
		}
		all = append(all, Setting{s.Key, s.Allowed, byDefault, s.Help})
	}
	return append(all, faults)
}

// containerSettings are those of a server in a container.
func containerSettings(of []containers.Setting) []Setting {
	var all []Setting
	planted := false
	for _, setting := range of {
		if strings.HasPrefix(setting.Key, "fault.") {
			planted = true
			continue
		}
		all = append(all, Setting{setting.Key, setting.Allowed, setting.Default, setting.Summary})
	}
	if planted {
		all = append(all, faults)
	}
	var databases []string
	for _, d := range containers.Databases {
		databases = append(databases, d.Example)
	}
	return append(all, Setting{"db", strings.Join(databases, ", "), databases[0], "database, with its version"},
		Setting{"env.NAME", "any text", "", "a variable of the server's container"})
}

// externalSettings are those of a server that runs already.
func externalSettings() []Setting {
	var all []Setting
	for _, key := range plan.ExternalKeys {
		all = append(all, Setting{Key: key, Meaning: "docs/plan.md, servers that run already"})
	}
	return all
}
