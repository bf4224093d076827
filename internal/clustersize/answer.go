package clustersize

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/oauthbench/oauthbench/bench/verdict"
	"github.com/oauthbench/oauthbench/reports"
)

// kubernetes is the format of objects to paste, beside those of reports.
const kubernetes = "kubernetes"

// Answer prints the size in the format that was asked for, words by show, and writes all formats
// into the folder that was given. What cannot be written is a BeyondError too: there is an answer,
// and it could not be shown.
func (o *Options) Answer(
	w io.Writer, show func(io.Writer, *reports.Document) error, dirs []string,
) (verdict.Decision, error) {
	if o.guide {
		return verdict.Measured, o.writeGuide(w, dirs)
	}
	size, err := o.Size(dirs)
	if err != nil {
		return "", err
	}
	d := size.Document()
	switch o.format {
	case kubernetes:
		err = size.WriteKubernetes(w)
	case "text":
		err = show(w, d)
	default:
		err = reports.Named(o.format).Write(w, d)
	}
	if err == nil && o.out != "" {
		err = o.writeAll(size, d)
	}
	if err != nil {
		return "", &BeyondError{err}
	}
	return d.Decision, nil
}

// writeAll writes every format into the folder.
func (o *Options) writeAll(size reports.Size, d *reports.Document) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	if err := d.WriteAll(o.out); err != nil || size.Need.Impossible != "" {
		return err
	}
	f, err := os.Create(filepath.Join(o.out, kubernetes+".yaml"))
	if err != nil {
		return err
	}
	return errors.Join(size.WriteKubernetes(f), f.Close())
}
