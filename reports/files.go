package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"oauthbench/internal/plaintext"
)

// WriteAll writes the document in every format into dir, which must exist. Each file
// appears whole or not at all; a file of an earlier report is replaced. It goes on after
// an error, so that one bad picture does not cost the verdict, and joins the errors; each
// names its file.
func (d *Document) WriteAll(dir string) error {
	var files []file
	for _, format := range Formats {
		files = append(files, format.filesOf(d)...)
	}
	sweep(dir, files)
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

// createBeside makes a temporary file beside path, which others may read as the user's
// umask has it.
func createBeside(path string) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// leftover is a temporary file beside a report's file, whose name it holds.
var leftover = regexp.MustCompile(`^\.(.+)\.[0-9]+$`)

// sweep removes what killed reports left of these files. Nothing else writes into a
// report's directory at the same time.
func sweep(dir string, files []file) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // The write will say why.
	}
	for _, e := range entries {
		of := leftover.FindStringSubmatch(e.Name())
		if of != nil && e.Type().IsRegular() &&
			slices.ContainsFunc(files, func(f file) bool { return f.name == of[1] }) {
			_ = os.Remove(filepath.Join(dir, e.Name())) // What stays is swept the next time.
		}
	}
}

// writeFile writes path by way of a temporary file beside it.
func writeFile(path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	f, err := createBeside(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriter(f)
	err = concealed(out, write)
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// concealed writes without the secrets of this process.
func concealed(w io.Writer, write func(io.Writer) error) error {
	out := plaintext.Secrets.Writer(w)
	return errors.Join(write(out), out.Flush())
}
