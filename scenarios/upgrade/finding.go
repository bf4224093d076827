package upgrade

import "fmt"

// Finding is one thing that went wrong, or the loss that was announced.
type Finding struct {
	Name  string `json:"name"`  // one of the Found constants
	Of    int    `json:"of"`    // asked
	Wrong int    `json:"wrong"` // of these
	Text  string `json:"text"`  // what it means, for who must act
}

// What can be found.
const (
	FoundResurrected = "resurrected"
	FoundUsedAlive   = "used refresh tokens alive"
	FoundLost        = "sessions lost"
	FoundCleanedUp   = "sessions lost to the clean-up"
	FoundDeadDoor    = "a door that does nothing"
	FoundWindow      = "issued in the window" // which is announced, and no fault
)

// Fault tells whether the finding stands against the upgrade.
func (f Finding) Fault() bool { return f.Name != FoundWindow }

// Findings judge the lines of a ledger. Each line that is wrong belongs to one finding.
func Findings(lines []Line) []Finding {
	var found []Finding
	add := func(name string, of, wrong int, text string) {
		if wrong > 0 {
			found = append(found, Finding{name, of, wrong, fmt.Sprintf(text, wrong, of)})
		}
	}
	count := func(asked Phase, is func(Line) bool) (of, wrong int) {
		for _, line := range lines {
			if line.Asked == asked && is(line) {
				of, wrong = of+line.Of, wrong+line.Wrong
			}
		}
		return of, wrong
	}
	_, dead := count(AfterCleanUp, func(l Line) bool { return l.Why == byToken && l.Ended == AfterSwitch })
	// A replay through a door that does nothing does nothing: that is one finding, the door.
	replayable := func(l Line) bool { return dead == 0 || l.Ended != InWindow }
	revoked := func(l Line) bool { return l.Expect == Dead && l.Kind != UsedRefresh && replayable(l) }
	of, wrong := count(AfterSwitch, revoked)
	add(FoundResurrected, of, wrong, "%d of %d tokens that were revoked are active at green: find what the replay or "+
		"the migration left out before you switch")
	of, wrong = count(AfterSwitch, func(l Line) bool { return l.Kind == UsedRefresh && replayable(l) })
	add(FoundUsedAlive, of, wrong,
		"%d of %d refresh tokens that were used are active at green: a stolen one works again; replay rotations too")
	old := func(l Line) bool { return l.Expect == Live && l.Made == BeforeCopy }
	of, lost := count(AfterSwitch, old)
	add(FoundLost, of, lost, "%d of %d tokens that were valid before the copy are inactive at green: the migration "+
		"lost or invalidated them")
	of, wrong = count(AfterCleanUp, old)
	if lost == 0 {
		add(FoundCleanedUp, of, wrong,
			"%d of %d valid tokens are gone after the clean-up: do not run it on migrated data")
	}
	for _, door := range []string{byToken, byConsent} {
		of, wrong = count(AfterCleanUp, func(l Line) bool { return l.Why == door && l.Ended == AfterSwitch })
		add(FoundDeadDoor, of, wrong, "%d of %d tokens "+door+
			" at green are still active, though green said that it was done")
	}
	of, wrong = count(AfterSwitch, func(l Line) bool { return l.Expect == Live && l.Made == InWindow })
	add(FoundWindow, of, wrong, "%d of %d tokens issued between the copy and the switch are unknown to green: the "+
		"shorter the window, the fewer")
	return found
}
