package upgrade

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Finding is one thing that went wrong, or a loss that was announced.
type Finding struct {
	Name  string `json:"name"`  // one of the Found constants, or one with a kind behind it
	Of    int    `json:"of"`    // asked
	Wrong int    `json:"wrong"` // of these
	Text  string `json:"text"`  // what it means
	Cure  string `json:"cure,omitempty"`
	Note  bool   `json:"note,omitempty"` // it is told, and does not stand against the upgrade
}

// What can be found.
const (
	FoundResurrected  = "resurrected"
	FoundUsedAlive    = "used refresh tokens alive"
	FoundLost         = "sessions lost"
	FoundCleanedUp    = "sessions lost to the clean-up"
	FoundOldSecret    = "replaced secrets alive"
	FoundLockedOut    = "clients locked out"
	FoundOldRight     = "withdrawn rights alive"
	FoundNoRight      = "rights of clients lost"
	FoundDeadDoor     = "a door that does nothing"
	FoundFailedDoor   = "a door that fails"
	FoundWindow       = "issued in the window" // which is announced, and no fault
	FoundKind         = "lost: "               // with the kind of a Probe behind it
	FoundRows         = "rows: "               // with the name of a Check behind it
	FoundGoneBack     = "issued by green, lost by going back"
	FoundNoWayBack    = "no way back"
	FoundWayBack      = "a way back"
	FoundLostBack     = "lost by going back: " // with the kind of a Probe behind it
	FoundBroken       = "the old version fails on the migrated database"
	FoundNoCopy       = "the copy fails"
	FoundMigration    = "the migration fails"
	FoundNoStart      = "green does not start"
	FoundInPlace      = "wrong answers in place"
	FoundUndisturbed  = "the old version goes on in place"
	FoundInPlaceFails = "the migration fails in place"
	FoundUnplayed     = "without the replay"
	FoundControl      = "also lost by a restart"
)

// Fault tells whether the finding stands against the upgrade.
func (f Finding) Fault() bool { return !f.Note }

// judge makes findings of the lines of a ledger.
type judge struct {
	lines []Line
	found []Finding
}

// Findings judge the lines of a ledger; probes say what the loss of each kind means. Each
// line that is wrong belongs to one finding.
func Findings(lines []Line, probes []Probe) []Finding {
	j := &judge{lines: lines}
	j.tokens()
	j.secrets()
	j.rights()
	j.things(probes)
	j.window()
	j.gone()
	return j.found
}

func (j *judge) count(asked Phase, is func(Line) bool) (of, wrong int) {
	for _, line := range j.lines {
		if line.Asked == asked && is(line) {
			of, wrong = of+line.Of, wrong+line.Wrong
		}
	}
	return of, wrong
}

// blamed takes from what is wrong after the upgrade the share that a restart of the old
// version has wrong too.
func (j *judge) blamed(kind Kind, expect State, of, wrong int) int {
	cof, cwrong := j.count(AfterRestart, func(l Line) bool { return l.Kind == kind && l.Expect == expect })
	if cof == 0 {
		return wrong
	}
	return max(0, wrong-(of*cwrong+cof-1)/cof)
}

func (j *judge) add(f Finding) {
	if f.Wrong > 0 {
		j.found = append(j.found, f)
	}
}

// sum adds up what is blamed over all kinds of lines.
func (j *judge) sum(asked Phase, is func(Line) bool) (of, wrong int) {
	kinds := map[Kind]bool{}
	for _, line := range j.lines {
		kinds[line.Kind] = true
	}
	for kind := range kinds {
		for _, expect := range []State{Live, Dead} {
			o, w := j.count(asked, func(l Line) bool { return l.Kind == kind && l.Expect == expect && is(l) })
			of, wrong = of+o, wrong+j.blamed(kind, expect, o, w)
		}
	}
	return of, wrong
}

func (j *judge) tokens() {
	_, dead := j.count(AfterDoors, func(l Line) bool { return l.Why == byToken && l.Ended == AfterSwitch })
	// A replay through a door that does nothing does nothing: that is one finding, the door.
	replayable := func(l Line) bool { return dead == 0 || l.Ended != InWindow }
	of, wrong := j.sum(AfterSwitch, func(l Line) bool {
		return l.Kind.Token() && l.Expect == Dead && l.Kind != UsedRefresh && replayable(l)
	})
	j.add(Finding{Name: FoundResurrected, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d tokens that were revoked are active at green", wrong, of),
		Cure: "find what the replay or the migration left out before you switch"})
	of, wrong = j.sum(AfterSwitch, func(l Line) bool { return l.Kind == UsedRefresh && replayable(l) })
	j.add(Finding{Name: FoundUsedAlive, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d refresh tokens that were used are active at green: a stolen one works again",
			wrong, of),
		Cure: "replay rotations too, not only revocations"})
	old := func(l Line) bool { return l.Kind.Token() && l.Expect == Live && l.Made == BeforeCopy }
	of, lost := j.sum(AfterSwitch, old)
	j.add(Finding{Name: FoundLost, Of: of, Wrong: lost,
		Text: fmt.Sprintf("%d of %d tokens that were valid before the copy are inactive at green", lost, of),
		Cure: "the migration lost or invalidated them, or green cannot read them: look at its secrets, then at the " +
			"rows"})
	of, wrong = j.count(AfterCleanUp, old)
	asked, before := j.count(AfterDoors, old)
	cleaned := wrong
	if asked > 0 {
		cleaned -= (of*before + asked - 1) / asked
	}
	j.add(Finding{Name: FoundCleanedUp, Of: of, Wrong: cleaned,
		Text: fmt.Sprintf("%d of %d valid tokens are gone after the clean-up", cleaned, of),
		Cure: "do not run it on migrated data, or repair the rows by which it chooses first"})
	if lost == 0 {
		j.add(Finding{Name: FoundLost, Of: asked, Wrong: before,
			Text: fmt.Sprintf("%d of %d valid tokens were lost while others were revoked", before, asked),
			Cure: "a revocation ends more than it should"})
	}
	for _, door := range doors {
		of, wrong = j.count(AfterDoors, func(l Line) bool { return l.Why == door && l.Ended == AfterSwitch })
		j.add(Finding{Name: FoundDeadDoor, Of: of, Wrong: wrong,
			Text: fmt.Sprintf("%d of %d tokens %s at green are still active, though green said that it was done",
				wrong, of, door),
			Cure: "repair the rows by which green finds them, or revoke them token by token"})
	}
	of, wrong = j.count(BeforeReplay, func(l Line) bool { return l.Expect == Dead })
	j.add(Finding{Name: FoundUnplayed, Of: of, Wrong: wrong, Note: true,
		Text: fmt.Sprintf("%d of %d tokens that were revoked or used after the copy were active at green until the "+
			"replay",
			wrong, of),
		Cure: "replay revocations and rotations before the switch, and prove it by introspection: " +
			"a revocation is answered 200 for unknown tokens too"})
}

// secrets are those of clients, some of which were replaced in the window.
func (j *judge) secrets() {
	of, wrong := j.count(AfterSwitch, func(l Line) bool { return l.Kind == ClientSecret && l.Expect == Dead })
	j.add(Finding{Name: FoundOldSecret, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d secrets that were replaced after the copy are good at green", wrong, of),
		Cure: "replay changes of clients too, or set these secrets anew at green before the switch"})
	of, wrong = j.count(AfterSwitch, func(l Line) bool { return l.Kind == ClientSecret && l.Expect == Live })
	j.add(Finding{Name: FoundLockedOut, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d clients are refused at green with the secret that they have", wrong, of),
		Cure: "look at what the migration did to their rows, and whether changes of clients were replayed"})
}

// rights are those of clients, which were replaced in the window.
func (j *judge) rights() {
	var names []string // of those that are wrong
	count := func(expect State) (of, wrong int) {
		seen := map[string]bool{}
		of, wrong = j.count(AfterSwitch, func(l Line) bool {
			name, is := l.Kind.right()
			if is = is && l.Expect == expect; is && l.Wrong > 0 && l.Asked == AfterSwitch {
				seen[name] = true
			}
			return is
		})
		names = slices.Sorted(maps.Keys(seen))
		return of, wrong
	}
	of, wrong := count(Dead)
	j.add(Finding{Name: FoundOldRight, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d rights that were taken from clients after the copy are granted at green (%s)",
			wrong, of, strings.Join(names, ", ")),
		Cure: "replay changes of clients too, or make them anew at green before the switch"})
	of, wrong = count(Live)
	j.add(Finding{Name: FoundNoRight, Of: of, Wrong: wrong,
		Text: fmt.Sprintf("%d of %d clients are refused at green what they may ask for (%s)", wrong, of,
			strings.Join(names, ", ")),
		Cure: "look at what the migration did to their rows, and whether changes of clients were replayed"})
}

func (j *judge) things(probes []Probe) {
	for _, p := range probes {
		of, wrong := j.count(AfterSwitch, func(l Line) bool { return l.Kind == p.Kind && l.Made == BeforeCopy })
		cof, cwrong := j.count(AfterRestart, func(l Line) bool { return l.Kind == p.Kind })
		blamed := j.blamed(p.Kind, Live, of, wrong)
		if p.Follows && slices.ContainsFunc(j.found, func(f Finding) bool { return f.Name == FoundLost }) {
			continue
		}
		j.add(Finding{Name: FoundKind + string(p.Kind), Of: of, Wrong: blamed, Note: p.Minor,
			Text: fmt.Sprintf("%d of %d: %s is not good at green", blamed, of, p.Kind), Cure: p.Lost})
		if wrong > 0 && blamed == 0 {
			j.add(Finding{Name: FoundControl, Of: cof, Wrong: cwrong, Note: true,
				Text: fmt.Sprintf("%d of %d: %s is lost by a restart of the old version as well: not the upgrade's "+
					"fault",
					cwrong, cof, p.Kind)})
		}
	}
}

func (j *judge) window() {
	of, wrong := j.count(AfterSwitch, func(l Line) bool {
		return l.Kind.Token() && l.Expect == Live && l.Made == InWindow
	})
	j.add(Finding{Name: FoundWindow, Of: of, Wrong: wrong, Note: true,
		Text: fmt.Sprintf("%d of %d tokens issued between the copy and the switch are unknown to green", wrong, of),
		Cure: "the shorter the window and the longer tokens live, the fewer are lost"})
}

// gone tells what green had issued when everything went back to blue.
func (j *judge) gone() {
	of, wrong := j.count(AfterSwitch, func(l Line) bool {
		return l.Kind.Token() && l.Expect == Live && l.Made == AfterSwitch
	})
	j.add(Finding{Name: FoundGoneBack, Of: of, Wrong: wrong, Note: true,
		Text: fmt.Sprintf("%d of %d tokens that green had issued after the switch are unknown to blue", wrong, of),
		Cure: "watch green closely at first: the sooner you go back, the fewer must log in again"})
}

// ofChecks makes findings of the rows that a migration has left wrong.
func ofChecks(checks []Check) (found []Finding) {
	for _, c := range checks {
		if c.Rows > 0 && c.Fault {
			found = append(found, Finding{Name: FoundRows + c.Name, Of: int(c.Of), Wrong: int(c.Rows),
				Text: fmt.Sprintf("%d of %d: %s", c.Rows, c.Of, c.Means), Cure: c.Cure})
		}
	}
	return found
}

// sortFindings puts faults first, and keeps the order otherwise.
func sortFindings(all []Finding) []Finding {
	rank := func(f Finding) int {
		if f.Note {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// Doors by which a session ends.
const (
	byToken   = "revoked by token"
	byConsent = "revoked by consent"
	byClient  = "deleted with their client"
)

// doors are all.
var doors = []string{byToken, byConsent, byClient}
