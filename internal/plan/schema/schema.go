// Package schema describes plan files to editors: a JSON Schema that is made of the keys.
package schema

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oauthbench/oauthbench/internal/plan"
)

// object is a JSON object.
type object = map[string]any

// JSON is the schema of plan files (JSON Schema, draft 2020-12).
func JSON() []byte {
	text, err := json.MarshalIndent(schema(), "", "  ")
	if err != nil {
		panic(err) // strings, lists and maps only
	}
	return append(text, '\n')
}

func schema() object {
	properties := object{"external": external()}
	var together []any
	for _, k := range plan.Keys {
		properties[k.Name] = property(k)
		for _, other := range k.Excludes {
			together = append(together, object{"not": object{"required": []string{k.Name, other}}})
		}
	}
	return object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "oauthbench plan",
		"description":          "What oauthbench measures and how it decides: docs/plan.md.",
		"type":                 "object",
		"minProperties":        1,
		"properties":           properties,
		"additionalProperties": false,
		"allOf":                together,
		"anyOf":                commands(),
	}
}

// commands has for each command the keys that it takes: a plan is for one of them.
func commands() []any {
	var all []any
	for _, command := range plan.Commands {
		names := []string{"external"}
		for _, k := range plan.For(command) {
			names = append(names, k.Name)
		}
		all = append(all, object{"title": "oauthbench " + command, "propertyNames": object{"enum": names}})
	}
	return all
}

// property describes one key.
func property(k plan.Key) object {
	p := object{"description": description(k)}
	one := scalar(k)
	if !k.Repeat {
		for name, value := range one {
			p[name] = value
		}
		return p
	}
	forms := []any{one, object{"type": "array", "items": one, "minItems": 1}}
	value := object{"type": []string{"string", "number"}}
	switch k.Value {
	case "RATE", "WEIGHTS", "CORES", "CPUS", "BYTES":
		forms = append(forms, object{"type": "object", "minProperties": 1, "additionalProperties": value})
	case "NAME=VALUES":
		several := object{"anyOf": []any{value, object{"type": "array", "items": value, "minItems": 2}}}
		forms = append(forms, object{"type": "object", "minProperties": 1, "additionalProperties": several})
	}
	p["anyOf"] = forms
	return p
}

func description(k plan.Key) string {
	text := strings.ToUpper(k.Usage[:1]) + k.Usage[1:] + "."
	if k.Detail != "" {
		text += " " + k.Detail
	}
	if k.Default != "" {
		text += " Default: " + k.Default + "."
	}
	return fmt.Sprintf("%s Of %s.", text, strings.Join(k.Commands, ", "))
}

// Patterns of values. They are for editors: what they let through is still checked by plan.
const (
	duration = `([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)`
	number   = `[0-9.]+([eE][+-]?[0-9]+)?`
	named    = `([A-Za-z][A-Za-z0-9_-]*=)?`
)

// values are the forms of a value by the word that stands for it in help. A word that is not
// among them takes any plain value.
var values = map[string]object{
	"DURATION": {"type": []string{"string", "integer"}, "pattern": `^(0|none|off|(` + duration + `)+)$`, "maximum": 0},
	"RATE":     {"type": "string", "pattern": `^` + named + `(auto|` + number + ` ?/[smh])$`},
	"NUMBER":   {"type": []string{"number", "string"}, "minimum": 0, "pattern": `^` + number + `$`},
	"SHARE":    {"type": []string{"number", "string"}, "minimum": 0, "pattern": `^(off|` + number + ` ?%?)$`},
	"MARGIN": {"type": "string",
		"pattern": `^(auto|([A-Za-z0-9_.-]+[ =]+){0,2}\+?(` + number + `%|(` + duration + `)+))$`},
	"LIMIT":   {"type": "string", "pattern": `(<|>|=)`},
	"WEIGHTS": {"type": "string", "pattern": `^[a-z-]+(=` + number + `(,[a-z-]+=` + number + `)*)?$`},
	"CORES":   {"type": []string{"number", "string"}, "pattern": `^` + named + number + `$`},
	"CPUS":    {"type": []string{"integer", "string"}, "pattern": `^` + named + `[0-9]+([,-][0-9]+)*$`},
	"BYTES":   {"type": "string", "pattern": `^` + named + `[0-9.]+[kKmMgG]$`},
	"YESNO":   {"type": "boolean"},
	"TARGET":  {"type": "string", "pattern": `^[a-z]+:.+`},
}

// scalar describes one value of a key.
func scalar(k plan.Key) object {
	switch form, known := values[k.Value]; {
	case k.Switch() || k.Value == "YESNO":
		return object{"type": "boolean"}
	case len(k.Choices) > 0 && k.Repeat:
		// Several names may stand in one value, and a mix has weights besides.
		pattern := `^(` + strings.Join(k.Choices, "|") + `)(, *(` + strings.Join(k.Choices, "|") + `))*$`
		forms := []any{object{"enum": k.Choices}, object{"type": "string", "pattern": pattern}}
		if known {
			forms = append(forms, form)
		}
		return object{"anyOf": forms}
	case len(k.Choices) > 0:
		return object{"enum": k.Choices}
	case known:
		return form
	}
	return object{"type": []string{"string", "number", "boolean"}}
}

// external describes the block of servers that run already.
func external() object {
	settings := object{}
	for _, key := range plan.ExternalKeys {
		settings[key] = object{"type": []string{"string", "number", "boolean"}}
	}
	return object{
		"description": "Servers that run already, by the name that targets give them: external:NAME.",
		"type":        "object",
		"additionalProperties": object{
			"type": "object", "properties": settings, "additionalProperties": false,
		},
	}
}
