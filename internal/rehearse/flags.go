package rehearse

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/flagvalue"
	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/systems"
	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Progress tells each step with the time since the start, and before the first what this system
// lacks.
func Progress(w io.Writer, start time.Time) func(step string) {
	say := func(step string) {
		fmt.Fprintf(w, "%8s  %s\n", time.Since(start).Round(100*time.Millisecond), plaintext.Line(step))
	}
	for _, line := range systems.Missing(runtime.GOOS) {
		say(line)
	}
	return say
}

// MatrixFlags make those options flags that a matrix heeds.
func (o *Options) MatrixFlags(flags *pflag.FlagSet) { o.targetFlags(flags, Text, JSON) }

// targetFlags make the versions, their images and the formats to print flags.
func (o *Options) targetFlags(flags *pflag.FlagSet, formats ...Format) {
	flags.StringVar(&o.From, "from", "embedded:v1", "`TARGET` that is replaced")
	flags.StringVar(&o.To, "to", "embedded:v2", "`TARGET` that replaces it")
	flags.StringVar(&o.Binary, "binary", "", "`PROGRAM` that reference images are made of (default: this one)")
	flags.BoolVar(&o.Offline, "offline", false, "ask no registry for images")
	flagvalue.OneOf(flags, &o.Format, "format", "`FORMAT` to print", formats...)
}

// Flags make all options flags, with their defaults.
func (o *Options) Flags(flags *pflag.FlagSet) {
	o.targetFlags(flags, Text, Details, JSON)
	o.Strategy = upgrade.BlueGreen
	flags.Var(strategyFlag{o}, "strategy", "`STRATEGY` of the upgrade: "+upgrade.StrategyNames()+", or "+everyStrategy+
		" of them beside each other")
	flags.IntVar(&o.Twins, "twins", 10, "`NUMBER` of equal things of each kind for each question, 1 to 1000")
	flags.BoolVar(&o.Control, "control", true,
		"restart the old version first, and blame the upgrade for the difference only")
	flags.Float64Var(&o.Rate, "rate", 5, "`RATE` of the load beside the steps, in requests a second; 0 for none")
	o.Mix = defaultMix()
	flags.Var(&o.Mix, "mix", "`WEIGHTS` of the load's operations (default "+
		strings.ReplaceAll(o.Mix.String(), ",", ", ")+")")
	flags.Lookup("mix").DefValue = "" // As said above, for its text does not fit a terminal's line.
	flags.DurationVar(&o.Window, "window", 10*time.Second,
		"`DURATION` of the load before the copy, between copy and switch at least, and after it")
	flags.Var(&o.Canary, "canary", "`SHARES` of users that green gets before all, as in 5%,25%,100%")
	flags.BoolVar(&o.CatchUp, "catch-up", false,
		"insert into green what blue wrote after the copy, and hold arrivals at the switch for the rest of it")
	o.Copy = ByDump
	flags.Var(&o.Copy, "copy", "`WAY` of the copy: dump, by pg_dump, or files, by pg_basebackup")
	flags.Float64Var(&o.MigrationCPUs, "migration-cpus", 1,
		"`PROCESSORS` that the migration of the copy has beside a load, and its database; 0 for all")
	o.Replay = ByAPI
	flags.Var(&o.Replay, "replay", "`WAY` of the replay: api, through green's doors, or sql, in its database")
	flags.Float64Var(&o.ReplayRate, "replay-rate", 0, "most `ENTRIES` that are replayed in a second; 0 for all that "+
		"green takes")
	flags.BoolVar(&o.Witness, "watch-rows", true,
		"watch the rows of blue's tokens too, by triggers, and replay what no request at the front tells")
	flags.DurationVar(&o.P99, "p99", 0, "P99 as a `DURATION` that green must keep, or all goes back; 0 for none")
	flagvalue.Share(flags, &o.Errors, "errors",
		"`SHARE` of failed requests that green must keep, such as 1%, likewise; "+
			"0% lets none fail")
	flags.StringVar(&o.Dataset, "dataset", "", "`ROWS` to multiply what is made to, as in grants=20000,tokens=20000")
	flags.StringVar(&o.Counts, "project", "",
		"`FILE` with the rows of your tables (table,rows): migrate at four sizes first, and say what yours take")
	flags.StringVar(&o.Files.BeforeCopy, "before-copy", "", "`FILE` of SQL to run on blue before anything is copied")
	flags.StringVar(&o.Files.BeforeMigrate, "before-migrate", "",
		"`FILE` of SQL to run on the copy before it is migrated")
	flags.StringVar(&o.Files.AfterMigrate, "after-migrate", "",
		"`FILE` of SQL to run on the migrated copy before green starts")
	flags.StringVar(&o.Out, "out", "", "`DIRECTORY` of the report (default: oauthbench-results/rehearsal-TIME)")
	flags.BoolVar(&o.PlanOnly, "plan-only", false, "print the steps with their commands and do none")
	flags.StringVar(&o.Resume, "resume", "", "go on with the rehearsal in this `DIRECTORY` that was killed")
	o.flags, o.own = flags, map[string]bool{}
	flags.VisitAll(func(f *pflag.Flag) { o.own[f.Name] = true })
}

// resumeFlags are those that change nothing of a rehearsal which is gone on with.
var resumeFlags = []string{"resume", "format"}

// namesSecrets tells whether a flag names a target for its secrets, which are not stored: see restoreSecrets.
func namesSecrets(f *pflag.Flag) bool {
	return (f.Name == "from" || f.Name == "to") && len(plaintext.TargetSecrets(f.Value.String())) > 0
}

// besideResume are the flags that were given and would have to change what is already done.
func (o *Options) besideResume() (all []string) {
	if o.flags == nil {
		return nil
	}
	o.flags.Visit(func(f *pflag.Flag) {
		if o.own[f.Name] && !slices.Contains(resumeFlags, f.Name) && !namesSecrets(f) {
			all = append(all, "--"+f.Name)
		}
	})
	return all
}
