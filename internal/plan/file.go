package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/nearest"
)

// FoundName is the plan of a folder: one of this name is found by itself.
const FoundName = "oauthbench.yaml"

// mostPlanBytes bounds a plan file.
const mostPlanBytes = 1 << 20

// externalName is the block of servers that run already, which is no key: no flag has it.
const externalName = "external"

// File is a plan file as it was written: its keys, and nothing that is known of them.
type File struct {
	Path string
	// Given has each key once, in the file's order.
	Given []Given
	// external is the block of servers that run already, nil without one.
	external *yaml.Node
}

// Given is one key of a plan file.
type Given struct {
	Key   string
	Line  int // of the key
	value *yaml.Node
}

// ReadFile reads the keys of a plan file. An error names the file and the line.
func ReadFile(path string) (*File, error) {
	data, err := inputfile.Read(path, mostPlanBytes)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return parseFile(path, data)
}

func parseFile(path string, data []byte) (*File, error) {
	root, err := document(path, data)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want keys and values, such as \"rate: 50/s\"", path, root.Line)
	}
	f := &File{Path: path}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		if name.Value == externalName {
			f.external = value
			continue
		}
		f.Given = append(f.Given, Given{name.Value, name.Line, value})
	}
	return f, nil
}

// Commands are those that have all keys of the file, in the order in which one is chosen when
// none is named.
func (f *File) Commands() []string {
	return slices.DeleteFunc(slices.Clone(Commands), func(command string) bool {
		keys := For(command)
		return slices.ContainsFunc(f.Given, func(g Given) bool { return indexOf(keys, g.Key) < 0 })
	})
}

// OtherCommandError is a key of a plan file that other commands have.
type OtherCommandError struct {
	Path     string
	Line     int
	Key      string
	Command  string   // that lacks it
	Commands []string // that have it
}

func (e *OtherCommandError) Error() string {
	return fmt.Sprintf("%s:%d: %s is a key of %s, not of %s", e.Path, e.Line, e.Key, strings.Join(e.Commands, ", "),
		e.Command)
}

// Read applies a plan file to p. Its keys are those of the command's flags. An error
// names the file, the line and the value.
func (p *Plan) Read(command, path string) error {
	f, err := ReadFile(path)
	if err != nil {
		return err
	}
	return p.Apply(command, f)
}

// Apply gives p what a file says, for a command. An error names the file, the line and the
// value.
func (p *Plan) Apply(command string, f *File) error {
	keys := For(command)
	if f.external != nil {
		if err := p.readExternal(f.Path, f.external); err != nil {
			return err
		}
	}
	var given []string
	all := map[string][]string{}
	for _, g := range f.Given {
		k := indexOf(keys, g.Key)
		if k < 0 {
			return f.unknown(g, command, keys)
		}
		given = append(given, g.Key)
		if one, other := Contradiction(given); one != "" {
			return fmt.Errorf("%s:%d: %s and %s cannot be given together", f.Path, g.Line, one, other)
		}
		values, err := g.Values()
		if err == nil {
			err = p.Set(keys[k], values)
		}
		if err == nil {
			all[g.Key] = values
			err = ReplicasTwice(all[varyName], all[replicasName])
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", f.Path, g.value.Line, g.Key, err)
		}
	}
	return nil
}

// unknown is the error of a key that the command has not.
func (f *File) unknown(g Given, command string, keys []Key) error {
	if k := indexOf(Keys, g.Key); k >= 0 {
		return &OtherCommandError{f.Path, g.Line, g.Key, command, Keys[k].Commands}
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.Name)
	}
	return fmt.Errorf("%s:%d: unknown key %q: %s", f.Path, g.Line, g.Key,
		nearest.CureIn(g.Key, append(names, externalName), "docs/plan.md has all"))
}

func indexOf(keys []Key, name string) int {
	return slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
}

// Values turns a scalar into one value, a list into its items and a map into "key=value" items,
// as flags would give them. Of what is varied {cpus: [1, 2]} is "cpus=1,2".
func (g Given) Values() ([]string, error) {
	n := g.value
	var values []string
	switch n.Kind {
	case yaml.ScalarNode:
		return []string{n.Value}, nil
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: want a plain value", item.Line)
			}
			values = append(values, item.Value)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			value, err := plain(n.Content[i+1], g.Key == varyName)
			if err != nil {
				return nil, err
			}
			values = append(values, n.Content[i].Value+"="+value)
		}
	default:
		return nil, errors.New("want a plain value, a list or a map")
	}
	return values, nil
}

// plain is a plain value, or where several are one text of a flag, a list of them.
func plain(n *yaml.Node, several bool) (string, error) {
	items := []*yaml.Node{n}
	if several && n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var values []string
	for _, item := range items {
		if item.Kind != yaml.ScalarNode {
			return "", fmt.Errorf("line %d: want a plain value", item.Line)
		}
		values = append(values, item.Value)
	}
	return strings.Join(values, ","), nil
}
