package summary

import (
	"slices"
	"strings"
)

// FileNames are names of the operations that are safe in a file's name and differ.
func FileNames(s *Summary) []string {
	var names []string
	for _, op := range s.Operations {
		name := FileName(op.Name)
		for slices.Contains(names, name) {
			name += "_"
		}
		names = append(names, name)
	}
	return names
}

// FileName makes the name of an operation safe as part of a file's name.
func FileName(s string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
	return safe[:min(len(safe), 80)]
}
