// Package logs is standard error as a user wants it: lines for people, a JSON object for each
// line, or nothing but the error that a command ends with.
package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/internal/nearest"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Formats are the formats of a log, the default first.
var Formats = []string{"text", "json"}

// Own begins lines about what went wrong with something that a command can do without, and the
// error that it ends with.
const Own = "oauthbench: "

// mostPending bounds what is kept of a line that has not ended.
const mostPending = 64 << 10

// Writer is a log that is not for people on a terminal. Safe for concurrent use.
type Writer struct {
	to    io.Writer
	quiet bool
	json  slog.Handler // nil for text

	mu      sync.Mutex
	pending []byte // of a line that has not ended
}

// Of is where the log of a command goes. With neither quiet nor a format of its own that is to
// itself, which may be a terminal.
func Of(to io.Writer, quiet bool, format string) (io.Writer, error) {
	w := &Writer{to: to, quiet: quiet}
	switch format {
	case "", "text":
		if !quiet {
			return to, nil
		}
	case "json":
		w.json = slog.NewJSONHandler(to, nil)
	default:
		return to, fmt.Errorf("--log-format %q: %s", format, nearest.Cure(format, Formats))
	}
	return w, nil
}

// Asked is the log that a command line or the environment asks for, as far as that can be told of
// a line that was not understood. A Writer is kept as it is.
func Asked(to io.Writer, args []string) io.Writer {
	if _, made := to.(*Writer); made {
		return to
	}
	format := os.Getenv(formatVariable)
	for i, arg := range args {
		if value, is := strings.CutPrefix(arg, formatFlag+"="); is {
			format = value
		} else if arg == formatFlag && i+1 < len(args) {
			format = args[i+1]
		}
	}
	w, err := Of(to, false, strings.TrimSpace(format))
	if err != nil {
		return to // The format itself is wrong.
	}
	return w
}

// How a format is asked for.
const (
	formatFlag     = "--log-format"
	formatVariable = "OAUTHBENCH_LOG_FORMAT"
)

// Write takes part of the log. Of a quiet log nothing is written.
func (w *Writer) Write(p []byte) (int, error) {
	if w.quiet {
		return len(p), nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = append(w.pending, p...)
	for {
		line, rest, ended := bytes.Cut(w.pending, []byte("\n"))
		if !ended && len(w.pending) < mostPending {
			return len(p), nil
		}
		w.pending = bytes.Clone(rest)
		if err := w.line(string(line)); err != nil {
			return 0, err
		}
	}
}

func (w *Writer) line(text string) error {
	level := slog.LevelInfo
	if rest, own := strings.CutPrefix(text, Own); own {
		level, text = slog.LevelWarn, rest
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return w.record(level, text)
}

func (w *Writer) record(level slog.Level, text string) error {
	return w.json.Handle(context.Background(), slog.NewRecord(time.Now(), level, text, 0))
}

// End writes what is left of a line that has not ended, then the error that a command ends with,
// quiet or not; "" is none.
func End(log io.Writer, failure string) {
	w, ours := log.(*Writer)
	if ours && !w.quiet {
		_, _ = w.Write([]byte("\n")) // There is nowhere left to say that the log is gone.
	}
	switch {
	case failure == "":
	case !ours:
		terminal.New(log).Say("%s", Own+failure)
	case w.json == nil:
		terminal.New(w.to).Say("%s", Own+failure)
	default:
		_ = w.record(slog.LevelError, failure) // As above.
	}
}
