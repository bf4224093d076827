package rehearse

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/containers"
	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/rehearse/projected"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Options say what is rehearsed. They are stored, and a run that is resumed has them again.
type Options struct {
	From     string           `json:"from"` // target
	To       string           `json:"to"`
	Strategy upgrade.Strategy `json:"strategy"`
	Twins    int              `json:"twins"` // equal things of each kind for each question
	Control  bool             `json:"control"`
	Rate     float64          `json:"rate"` // arrivals a second; 0 is no load
	Mix      Mix              `json:"mix,omitempty"`
	Window   time.Duration    `json:"window_ns"`
	Canary   upgrade.Shares   `json:"canary,omitempty"`
	P99      time.Duration    `json:"p99_ns,omitempty"`  // limit of green under load; 0 is none
	Errors   *float64         `json:"errors,omitempty"`  // limit of its share of failed requests; nil is none
	Dataset  string           `json:"dataset,omitempty"` // rows to multiply what was made to
	CatchUp  bool             `json:"catch_up,omitempty"`
	Copy     CopyWay          `json:"copy,omitempty"`   // "" is ByDump
	Replay   Way              `json:"replay,omitempty"` // "" is ByAPI
	Witness  bool             `json:"witness"`          // blue's rows are watched, where they are known
	// ReplayRate is the most entries a second that are replayed; 0 for as many as green takes.
	ReplayRate float64 `json:"replay_rate,omitempty"`
	// MigrationCPUs hold the migration while blue serves beside it, in processors; 0 for all.
	MigrationCPUs float64 `json:"migration_cpus,omitempty"`
	Hooks         Hooks   `json:"hooks"` // read from Files by Check
	// Project are the rows of production by table, read from Counts by Check; nil for no projection.
	Project  projected.Counts `json:"project,omitempty"`
	Seed     uint64           `json:"seed"`
	Started  time.Time        `json:"started"`
	Registry string           `json:"registry,omitempty"`
	Offline  bool             `json:"offline,omitempty"`
	Binary   string           `json:"binary,omitempty"`
	// Run names in the engine what is made, like nothing else; it is drawn as the rehearsal begins.
	Run   string `json:"run,omitempty"`
	Files Hooks  `json:"files,omitzero"` // where Hooks are read from

	Every    bool              `json:"-"` // every strategy is rehearsed, see RunEvery
	Format   Format            `json:"-"` // of what is printed
	PlanOnly bool              `json:"-"` // nothing is to be done
	Counts   string            `json:"-"` // file that Project is read from
	Out      string            `json:"-"` // directory of the report; "" is named for the time
	Resume   string            `json:"-"` // directory of a rehearsal that was killed, to go on with; "" for none
	Command  []string          `json:"-"` // runs serve, as in process.Options; nil is this program
	Say      func(step string) `json:"-"` // may be nil
	flags    *pflag.FlagSet    // that give them, see Flags; nil for none
	own      map[string]bool   // names of these flags
}

// Hooks are SQL that the user has run besides, or the files that it is in.
type Hooks struct {
	BeforeCopy    string `json:"before_copy,omitempty"`    // on blue, before anything is asked
	BeforeMigrate string `json:"before_migrate,omitempty"` // on the copy
	AfterMigrate  string `json:"after_migrate,omitempty"`  // on the migrated copy, before green starts
}

func (o Options) beforeCopy() hook {
	return hook{"--before-copy", o.Files.BeforeCopy, o.Hooks.BeforeCopy}
}

func (o Options) beforeMigrate() hook {
	return hook{"--before-migrate", o.Files.BeforeMigrate, o.Hooks.BeforeMigrate}
}

func (o Options) afterMigrate() hook {
	return hook{"--after-migrate", o.Files.AfterMigrate, o.Hooks.AfterMigrate}
}

// Limits of what may be asked for. The rehearsal's own client is no generator.
const (
	mostTwins  = 1000
	mostRate   = 200
	leastRate  = 0.1 // of the load and of the replay, in a second: less would not end
	mostWindow = 24 * time.Hour

	mostReplayRate = 1_000_000
	fewestCPUs     = 0.1
	mostCPUs       = 1024
)

// Check finds what is wrong with the options, reads files, and fills in what was left out.
// It starts nothing.
func (o *Options) Check() error {
	if o.Resume != "" {
		o.Out = o.Resume
		if beside := o.besideResume(); len(beside) > 0 {
			return fmt.Errorf("--resume goes on with the rehearsal in its directory as it was begun: leave out %s",
				strings.Join(beside, ", "))
		}
	}
	if err := o.within(); err != nil {
		return err
	}
	if err := o.readFiles(); err != nil {
		return err
	}
	if o.Command == nil {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		o.Command = []string{self, "serve"}
	}
	if o.Out == "" {
		o.Out = filepath.Join("oauthbench-results", "rehearsal-"+o.Started.Format("20060102-150405"))
	}
	if o.Every {
		if err := checkEvery(*o); err != nil {
			return err
		}
	}
	if o.Resume != "" {
		return nil // its options are stored
	}
	w, err := newWorld(*o)
	if err == nil {
		_, err = newRehearsal(*o, w, &Report{})
	}
	return err
}

// within finds values that are out of bounds, or do not go together.
func (o Options) within() error {
	switch {
	case o.Twins < 1 || o.Twins > mostTwins:
		return fmt.Errorf("--twins %d: use 1 to %d", o.Twins, mostTwins)
	case !(o.Rate == 0 || o.Rate >= leastRate && o.Rate <= mostRate):
		return fmt.Errorf("--rate %v: use %v to %d requests a second, or 0 for none", o.Rate, leastRate, mostRate)
	case len(o.Canary) > 0 && (o.Strategy != upgrade.BlueGreen || o.Rate == 0):
		return errors.New("--canary needs --strategy blue-green and a --rate")
	case o.CatchUp && o.Strategy != upgrade.BlueGreen:
		return errors.New("--catch-up needs --strategy blue-green: otherwise nothing is written after the copy")
	case o.Strategy != upgrade.BlueGreen && (o.Copy == ByFiles || o.Replay == BySQL || o.ReplayRate != 0):
		return errors.New("--copy, --replay and --replay-rate need --strategy blue-green: otherwise " +
			"nothing is copied " +
			"and replayed")
	case !(o.ReplayRate == 0 || o.ReplayRate >= leastRate && o.ReplayRate <= mostReplayRate):
		return fmt.Errorf("--replay-rate %v: use %v to %d entries a second, or 0 for all that green takes",
			o.ReplayRate, leastRate, mostReplayRate)
	case !(o.MigrationCPUs == 0 || o.MigrationCPUs >= fewestCPUs && o.MigrationCPUs <= mostCPUs):
		return fmt.Errorf("--migration-cpus %v: use %v to %v processors, or 0 for all", o.MigrationCPUs, fewestCPUs,
			mostCPUs)
	case o.P99 < 0:
		return fmt.Errorf("--p99 %v: use a duration from 0s", o.P99)
	case o.Errors != nil && !(*o.Errors >= 0 && *o.Errors <= 1):
		return fmt.Errorf("--errors %v: use a share from 0 to 100%%", *o.Errors)
	case o.Window < 0 || o.Window > mostWindow:
		return fmt.Errorf("--window %v: use 0s to %s", o.Window, mostWindow)
	}
	return nil
}

// readFiles reads what the user has in files.
func (o *Options) readFiles() error {
	for _, f := range []struct {
		flag, from string
		to         *string
	}{
		{"--before-copy", o.Files.BeforeCopy, &o.Hooks.BeforeCopy},
		{"--before-migrate", o.Files.BeforeMigrate, &o.Hooks.BeforeMigrate},
		{"--after-migrate", o.Files.AfterMigrate, &o.Hooks.AfterMigrate},
	} {
		if f.from == "" {
			continue
		}
		text, err := inputfile.Read(f.from, mostSQLBytes)
		if err != nil {
			return fmt.Errorf("%s: %w", f.flag, err)
		}
		*f.to = string(text)
	}
	return o.readCounts()
}

// mostSQLBytes bounds a file of SQL.
const mostSQLBytes = 64 << 20

// mostCountsBytes bounds the file of Counts, whose tables are a line each.
const mostCountsBytes = 1 << 20

// readCounts reads the rows of production.
func (o *Options) readCounts() error {
	if o.Counts == "" {
		return nil
	}
	text, err := inputfile.Read(o.Counts, mostCountsBytes)
	if err != nil {
		return fmt.Errorf("--project: %w", err)
	}
	if o.Project, err = projected.ReadCounts(bytes.NewReader(text)); err != nil {
		return fmt.Errorf("--project %q: %w", o.Counts, err)
	}
	o.Dataset = cmp.Or(o.Dataset, projectDataset)
	if d, err := containers.ParseDataset(o.Dataset); err == nil && d.Grants+d.Tokens < fewestProjected {
		return fmt.Errorf("--dataset %q: a projection needs at least %d grants and tokens", o.Dataset, fewestProjected)
	}
	return nil
}

// WritePlan writes the steps with their commands; nothing is done.
func WritePlan(w io.Writer, o Options) error {
	if o.Every {
		for _, one := range alone(o) {
			fmt.Fprintf(w, "%s:\n", one.Strategy)
			if err := WritePlan(w, one); err != nil {
				return err
			}
		}
		return nil
	}
	there, err := newWorld(o)
	if err != nil {
		return err
	}
	r, err := newRehearsal(o, there, &Report{})
	if err != nil {
		return err
	}
	for i, step := range r.Plan() {
		fmt.Fprintf(w, "%2d  %s\n", i+1, step.Name)
		for _, command := range step.Commands {
			fmt.Fprintf(w, "      %s\n", command)
		}
	}
	return nil
}
