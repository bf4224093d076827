package plan

import (
	"errors"
	"fmt"
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"oauthbench/internal/inputfile"
)

// mostPlanBytes bounds a plan file.
const mostPlanBytes = 1 << 20

// Read applies a plan file to p. Its keys are those of the command's flags. An error
// names the file, the line and the value.
func (p *Plan) Read(command, path string) error {
	data, err := inputfile.Read(path, mostPlanBytes)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return p.parse(command, path, data)
}

func (p *Plan) parse(command, path string, data []byte) error {
	root, err := document(path, data)
	if err != nil {
		return err
	}
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d: want keys and values, such as \"rate: 50/s\"", path, root.Line)
	}
	keys := For(command)
	var given []string
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		if name.Value == "external" {
			if err := p.readExternal(path, value); err != nil {
				return err
			}
			continue
		}
		k := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name.Value })
		if k < 0 {
			return fmt.Errorf("%s:%d: unknown key %q: there are %s, external", path, name.Line, name.Value,
				keyNames(keys))
		}
		given = append(given, name.Value)
		if one, other := Contradiction(given); one != "" {
			return fmt.Errorf("%s:%d: %s and %s cannot be given together", path, name.Line, one, other)
		}
		values, err := valuesOf(value)
		if err == nil {
			err = p.Set(keys[k], values)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", path, value.Line, name.Value, err)
		}
	}
	return nil
}

// valuesOf turns a scalar into one value, a list into its items and a map into
// "key=value" items, as flags would give them.
func valuesOf(n *yaml.Node) ([]string, error) {
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
			if n.Content[i+1].Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: want a plain value", n.Content[i+1].Line)
			}
			values = append(values, n.Content[i].Value+"="+n.Content[i+1].Value)
		}
	default:
		return nil, errors.New("want a plain value, a list or a map")
	}
	return values, nil
}
