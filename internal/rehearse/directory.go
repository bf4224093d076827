package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// directory has the report of a rehearsal and, while it runs, what resumes it: its options,
// the journal, and sealed what it remembers.
type directory struct {
	options Options
	journal *upgrade.Journal
	ended   bool // the report is there, and what made it was killed before all else was removed
}

// finish removes what a rehearsal has left that was killed with its report written, and gives that.
func (d *directory) finish(ctx context.Context) (report Report, err error) {
	text, err := os.ReadFile(reportFile(d.options.Out))
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		return report, badDirectory("--resume %q: %w", d.options.Out, err)
	}
	report.Options.Out = d.options.Out
	if !embeddedTarget(report.From) {
		_, err = containers.Clean(ctx, false)
	}
	return report, errors.Join(err, os.RemoveAll(filepath.Join(d.options.Out, private)))
}

// snapshot is what a rehearsal remembers, with what its world needs to be found again.
type snapshot struct {
	World  string         `json:"world"`
	Memory upgrade.Memory `json:"memory"`
	Measured
}

const (
	optionsFile = "options.json"
	journalFile = "journal"
	memoryFile  = "memory"
)

// BadDirectory says that --out or --resume names a directory that cannot be used.
type BadDirectory struct{ Err error }

func (b *BadDirectory) Error() string { return b.Err.Error() }
func (b *BadDirectory) Unwrap() error { return b.Err }

// badDirectory words one.
func badDirectory(format string, values ...any) error {
	return &BadDirectory{fmt.Errorf(format, values...)}
}

func openDirectory(o Options) (*directory, error) {
	resume := o.Resume != ""
	hidden := filepath.Join(o.Out, private)
	d := &directory{options: o}
	switch {
	case resume && !exists(o.Out):
		return nil, badDirectory("--resume %q: there is no such directory", o.Out)
	case resume && exists(reportFile(o.Out)) && exists(filepath.Join(hidden, optionsFile)):
		return &directory{options: o, ended: true}, nil
	case resume && exists(reportFile(o.Out)):
		return nil, badDirectory("--resume %q: this rehearsal has ended, its report is there", o.Out)
	case resume && !exists(filepath.Join(hidden, optionsFile)):
		return nil, badDirectory("--resume %q: this is no directory of a rehearsal that was killed", o.Out)
	case !resume && exists(reportFile(o.Out)):
		return nil, badDirectory("--out %q holds the report of a rehearsal: choose another directory", o.Out)
	case !resume && exists(filepath.Join(hidden, optionsFile)):
		return nil, badDirectory("--out %[1]q holds a rehearsal that was killed: --resume %[1]q, or choose another "+
			"directory", o.Out)
	case resume:
		text, err := os.ReadFile(filepath.Join(hidden, optionsFile))
		if err == nil {
			err = json.Unmarshal(text, &d.options)
		}
		if err != nil {
			return nil, badDirectory("--resume %q: %w", o.Out, err)
		}
		d.options.Out, d.options.Say, d.options.Command = o.Out, o.Say, o.Command
		d.options.Resume = o.Resume
	default:
		if err := os.MkdirAll(hidden, 0o700); err != nil {
			return nil, badDirectory("--out %q: %w", o.Out, err)
		}
		if d.options.Started.IsZero() {
			d.options.Started = time.Now()
		}
		text, err := json.Marshal(d.options)
		if err == nil {
			err = os.WriteFile(filepath.Join(hidden, optionsFile), text, 0o600)
		}
		if err != nil {
			return nil, badDirectory("--out %q: %w", o.Out, err)
		}
	}
	var err error
	if d.journal, err = upgrade.OpenJournal(filepath.Join(hidden, journalFile)); err != nil {
		return nil, badDirectory("--out %q: %w", o.Out, err)
	}
	return d, nil
}

// save stores what is remembered, sealed with the journal's key.
func (d *directory) save(s snapshot) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.journal.WriteSealed(filepath.Join(d.options.Out, private, memoryFile), text)
}

// saved is what a run before has remembered; the zero value when there was none.
func (d *directory) saved() (s snapshot, err error) {
	text, err := d.journal.ReadSealed(filepath.Join(d.options.Out, private, memoryFile))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, badDirectory("--resume %q: %w", d.options.Out, err)
	}
	return s, json.Unmarshal(text, &s)
}

// write stores the report for programs and for people. It holds no token and no secret.
func (d *directory) write(report Report) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(reportFile(d.options.Out), append(text, '\n'), 0o644); err != nil {
		return err
	}
	var shown bytes.Buffer
	if err := WritePage(&shown, report); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.options.Out, PageName), shown.Bytes(), 0o644); err != nil {
		return err
	}
	if report.Repair != "" {
		if err := os.WriteFile(filepath.Join(d.options.Out, RepairName), []byte(report.Repair), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// RepairName is the file of the SQL that mends what was found.
const RepairName = "repair.sql"

// close removes what would resume the rehearsal, which has ended.
func (d *directory) close() error {
	err := d.journal.Close()
	err = errors.Join(err, os.RemoveAll(filepath.Join(d.options.Out, private)))
	_ = os.Remove(d.options.Out) // only when nothing came of it: a directory with a report stays
	return err
}
