package rehearse

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/wholefile"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
	"github.com/oauthbench/oauthbench/scenarios/upgrade/journal"
)

// directory has the report of a rehearsal and, while it runs, what resumes it: its options,
// the journal, and sealed what it remembers. It belongs to one process at a time.
type directory struct {
	options Options
	lock    *os.File
	journal *journal.Journal
	ended   bool // the report is there, and what made it was killed before all else was removed
}

// finish removes what a rehearsal has left that was killed with its report written, and gives that.
func (d *directory) finish(ctx context.Context) (report Report, err error) {
	text, err := os.ReadFile(reportFile(d.options.Out))
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		return report, errors.Join(badDirectory("--resume %q: %w", d.options.Out, err), d.leave())
	}
	report.Options.Out = d.options.Out
	if !embeddedTarget(report.From) {
		if err := containers.RemoveRun(ctx, d.options.Run); err != nil {
			return report, errors.Join(err, d.leave())
		}
	}
	return report, d.close()
}

// snapshot is what a rehearsal remembers, with what its world needs to be found again.
type snapshot struct {
	World  string         `json:"world"`
	Memory upgrade.Memory `json:"memory"`
	Measured
}

const (
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

// openDirectory takes a directory for this process alone: one in which nothing is, or that of a rehearsal that
// was killed. After an error it is as it was.
func openDirectory(o Options) (*directory, error) {
	if o.Resume != "" {
		return reopenDirectory(o)
	}
	if exists(reportFile(o.Out)) {
		return nil, badDirectory("--out %q holds the report of a rehearsal: choose another directory", o.Out)
	}
	hidden := filepath.Join(o.Out, private)
	if err := os.MkdirAll(hidden, 0o700); err != nil {
		return nil, badDirectory("--out %q: %w", o.Out, err)
	}
	lock, err := hold(hidden)
	if err != nil {
		return nil, badDirectory("--out %q: %w", o.Out, err)
	}
	if exists(filepath.Join(hidden, optionsFile)) {
		return nil, errors.Join(badDirectory(
			"--out %[1]q holds a rehearsal that was killed: --resume %[1]q, or choose "+
				"another directory", o.Out), lock.Close())
	}
	d := &directory{options: o, lock: lock}
	d.options.Run = "rehearsal-" + strings.ToLower(rand.Text())
	if d.options.Started.IsZero() {
		d.options.Started = time.Now()
	}
	err = storeOptions(hidden, d.options)
	if err == nil {
		err = d.forget() // what one has left that was killed while it removed it
	}
	if err == nil {
		err = d.openJournal()
	}
	if err != nil {
		return nil, errors.Join(badDirectory("--out %q: %w", o.Out, err), d.close())
	}
	return d, nil
}

// reopenDirectory takes that of a rehearsal that was killed, with the options that it had.
func reopenDirectory(o Options) (*directory, error) {
	hidden := filepath.Join(o.Out, private)
	begun, ended := exists(filepath.Join(hidden, optionsFile)), exists(reportFile(o.Out))
	switch {
	case !exists(o.Out):
		return nil, badDirectory("--resume %q: there is no such directory", o.Out)
	case !begun && ended:
		return nil, badDirectory("--resume %q: this rehearsal has ended, its report is there", o.Out)
	case !begun:
		return nil, badDirectory("--resume %q: this is no directory of a rehearsal that was killed", o.Out)
	}
	lock, err := hold(hidden)
	if err != nil {
		return nil, badDirectory("--resume %q: %w", o.Out, err)
	}
	d := &directory{lock: lock, ended: ended}
	d.options, err = readOptions(hidden, o)
	d.options.Out, d.options.Resume, d.options.Say, d.options.Command = o.Out, o.Resume, o.Say, o.Command
	if err == nil && !ended {
		err = d.openJournal()
	}
	if err != nil {
		return nil, errors.Join(badDirectory("--resume %q: %w", o.Out, err), lock.Close())
	}
	return d, nil
}

func (d *directory) hidden(name string) string { return filepath.Join(d.options.Out, private, name) }

func (d *directory) openJournal() (err error) {
	d.journal, err = journal.Open(d.hidden(journalFile))
	return err
}

// anew forgets what was done, for nothing of it can be found again: the rehearsal begins anew.
func (d *directory) anew() error {
	if err := errors.Join(d.journal.Close(), d.forget()); err != nil {
		return err
	}
	return d.openJournal()
}

// forget removes what is remembered, and the journal.
func (d *directory) forget() error {
	return errors.Join(os.RemoveAll(d.hidden(memoryFile)), os.RemoveAll(d.hidden(journalFile)))
}

// save stores what is remembered, sealed with the journal's key.
func (d *directory) save(s snapshot) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.journal.WriteSealed(d.hidden(memoryFile), text)
}

// saved is what a run before has remembered; the zero value when there was none.
func (d *directory) saved() (s snapshot, err error) {
	text, err := d.journal.ReadSealed(d.hidden(memoryFile))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, badDirectory("--resume %q: %w", d.options.Out, err)
	}
	return s, json.Unmarshal(text, &s)
}

// NotStored says that a rehearsal came to its end, and that its report could not be written.
type NotStored struct{ Err error }

func (n *NotStored) Error() string { return fmt.Sprintf("write the report: %v", n.Err) }
func (n *NotStored) Unwrap() error { return n.Err }

// write stores the report for people and for programs. It holds no token and no secret. Each file is whole or
// not there, and that for programs is the last: it says that the rehearsal has ended.
func (d *directory) write(report Report) error {
	write := func(name string, content func(io.Writer) error) error {
		return wholefile.Replace(filepath.Join(d.options.Out, name), content)
	}
	err := write(PageName, func(w io.Writer) error { return WritePage(w, report) })
	if err == nil && report.Announced != nil {
		err = write(MigrationName, func(w io.Writer) error {
			_, err := io.WriteString(w, report.Announced.SQL)
			return err
		})
	}
	if err == nil && report.Repair != "" {
		err = write(RepairName, func(w io.Writer) error {
			_, err := io.WriteString(w, report.Repair)
			return err
		})
	}
	if err == nil {
		err = write(ReportName, func(w io.Writer) error {
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", "  ")
			return encoder.Encode(report)
		})
	}
	if err != nil {
		return &NotStored{err}
	}
	return nil
}

// MigrationName is the file of the SQL that green said that its migration would run.
const MigrationName = "migration.sql"

// RepairName is the file of the SQL that mends what was found.
const RepairName = "repair.sql"

// leave lets the directory go as it is, so that the rehearsal can be resumed.
func (d *directory) leave() error {
	var err error
	if d.journal != nil {
		err = d.journal.Close()
	}
	return errors.Join(err, d.lock.Close())
}

// close removes what would resume the rehearsal, which has ended: what tells of it first, the lock last.
func (d *directory) close() error {
	var errs []error
	if d.journal != nil {
		errs = append(errs, d.journal.Close())
	}
	errs = append(errs, os.RemoveAll(d.hidden(optionsFile)), d.forget(), d.lock.Close(), os.RemoveAll(d.hidden("")))
	_ = os.Remove(d.options.Out) // only when nothing came of it: a directory with a report stays
	return errors.Join(errs...)
}
