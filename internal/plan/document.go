package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	yaml "go.yaml.in/yaml/v4"
)

// document reads the one YAML document of a plan. What YAML offers and a plan has no
// use for is refused by its name and line, so that nothing that is written is silently
// left out: further documents, keys given twice at any depth, anchors, aliases and
// merge keys.
func document(path string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF) || err == nil && (first.Kind == 0 || len(first.Content) == 0):
		return nil, fmt.Errorf("%s:1: the plan is empty", path)
	case err != nil:
		return nil, syntaxError(path, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("%s:%d: a plan is one document, and here a second one begins", path, second.Line)
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(path, err)
	}
	if err := refuse(path, &first); err != nil {
		return nil, err
	}
	return first.Content[0], nil
}

func syntaxError(path string, err error) error {
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		return fmt.Errorf("%s:%d: %s", path, max(e.Mark.Line, 1), e.Message)
	}
	return fmt.Errorf("%s:1: %w", path, err)
}

// refuse looks for what a plan has no use for, at any depth.
func refuse(path string, n *yaml.Node) error {
	if n.Anchor != "" {
		return fmt.Errorf("%s:%d: anchors such as &%s are not understood: write the value where it belongs", path,
			n.Line, n.Anchor)
	}
	if n.Kind == yaml.AliasNode {
		return fmt.Errorf("%s:%d: aliases such as *%s are not understood: write the value out", path, n.Line, n.Value)
	}
	if n.Kind == yaml.MappingNode {
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch {
			case key.Kind == yaml.ScalarNode && key.Value == "<<":
				return fmt.Errorf("%s:%d: merge keys (<<) are not understood: write the values out", path, key.Line)
			case key.Kind == yaml.ScalarNode && seen[key.Value]:
				return fmt.Errorf("%s:%d: key %q is given twice", path, key.Line, key.Value)
			}
			seen[key.Value] = true
		}
	}
	for _, child := range n.Content {
		if err := refuse(path, child); err != nil {
			return err
		}
	}
	return nil
}
