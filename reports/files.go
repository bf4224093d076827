package reports

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"oauthbench/internal/plaintext"
	"oauthbench/internal/wholefile"
)

// WriteAll writes the document in every format that is not OnAsk into dir, which must exist. Each file
// appears whole or not at all; a file of an earlier report is replaced. It goes on after
// an error, so that one bad picture does not cost the verdict, and joins the errors; each
// names its file.
func (d *Document) WriteAll(dir string) error {
	var files []file
	for _, format := range Formats {
		if format.OnAsk {
			continue
		}
		files = append(files, format.filesOf(d)...)
	}
	var errs []error
	for _, f := range files {
		errs = append(errs, writeFile(filepath.Join(dir, f.name), f.write))
	}
	return errors.Join(errs...)
}

// pictureFiles are the still pictures, for light and dark paper.
func pictureFiles(d *Document) []file {
	if d.pictures == nil {
		return nil
	}
	var files []file
	for _, fig := range d.pictures() {
		files = append(files, file{fig.Name + ".png", fig.WritePNG}, file{fig.Name + ".svg", fig.WriteSVG})
	}
	return files
}

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
