package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"oauthbench/reports/internal/plot"
	"oauthbench/reports/internal/summary"
)

// WriteAll writes every format and each plot as PNG and SVG into dir, which must exist. Each file appears whole or not at all; a file of an
// earlier report is replaced. It goes on after an error, so that one bad picture
// does not cost the verdict, and joins the errors; each names its file.
func WriteAll(dir string, r summary.Report) error {
	s := summary.Of(r)
	var errs []error
	for _, f := range Formats {
		parts := []file{{f.File, func(w io.Writer) error { return f.write(w, s) }}}
		if !f.Single() {
			parts = f.files(s)
		}
		for _, p := range parts {
			errs = append(errs, writeFile(filepath.Join(dir, p.name), p.write))
		}
	}
	for _, fig := range plot.Draw(s).Of(plot.Wide) {
		errs = append(errs,
			writeFile(filepath.Join(dir, fig.Name+".png"), fig.WritePNG),
			writeFile(filepath.Join(dir, fig.Name+".svg"), fig.WriteSVG))
	}
	return errors.Join(errs...)
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
