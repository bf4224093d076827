package reports

import (
	"errors"
	"fmt"
	"io"

	"oauthbench/internal/plaintext"
	"oauthbench/internal/wholefile"
)

// writeFile writes path whole or not at all, without the secrets of this process.
func writeFile(path string, write func(io.Writer) error) error {
	err := wholefile.Replace(path, func(w io.Writer) error { return concealed(w, write) })
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// concealed writes without the secrets of this process.
func concealed(w io.Writer, write func(io.Writer) error) error {
	out := plaintext.Secrets.Writer(w)
	return errors.Join(write(out), out.Flush())
}

// file is one of several files of a format.
type file struct {
	name  string
	write func(io.Writer) error
}
