package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteAll writes the document in every format into dir, which must exist. Each file
// appears whole or not at all; a file of an earlier report is replaced. It goes on after
// an error, so that one bad picture does not cost the verdict, and joins the errors; each
// names its file.
func (d *Document) WriteAll(dir string) error {
	var errs []error
	for _, format := range Formats {
		for _, f := range format.filesOf(d) {
			errs = append(errs, writeFile(filepath.Join(dir, f.name), f.write))
		}
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

// writeFile writes path by way of a temporary file beside it.
func writeFile(path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriter(f)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
