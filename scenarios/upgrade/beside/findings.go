package beside

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthbench/oauthbench/scenarios/upgrade"
)

// Outcome is what servers beside each other have heeded.
type Outcome struct {
	Control []Door `json:"control"` // done at one instance of the old version, asked at another
	Forth   []Door `json:"forth"`   // done at the old version, asked at the new one
	Back    []Door `json:"back"`    // done at the new version, asked at the old one
}

// What can be found.
const (
	FoundSplit = "two versions that do not tell each other"
	FoundAlone = "two instances that do not tell each other"
	FoundThing = "while both versions serve: " // with the kind of a thing behind it

	FoundStrange = "tokens of one version that the other does not know"
)

// Findings judge an outcome. What two instances of the old version do not heed either is not the
// upgrade's fault.
func (o Outcome) Findings() (found []upgrade.Finding) {
	of, wrong, control := 0, 0, 0
	controls := 0
	var said []string
	for _, way := range []struct {
		name string
		all  []Door
	}{{"at the old version, asked at the new one", o.Forth}, {"at the new version, asked at the old one", o.Back}} {
		var doors []string
		for _, d := range way.all {
			if d.Thing {
				continue
			}
			of += d.Of
			if blamed := o.blamed(d); blamed > 0 {
				wrong += blamed
				doors = append(doors, fmt.Sprintf("%s (%d of %d)", d.Name, blamed, d.Of))
			}
		}
		if len(doors) > 0 {
			said = append(said, way.name+": "+strings.Join(doors, ", "))
		}
	}
	for _, d := range o.Control {
		if !d.Thing {
			controls, control = controls+d.Of, control+d.Wrong
		}
	}
	if wrong > 0 {
		found = append(found, upgrade.Finding{Name: FoundSplit, Of: of, Wrong: wrong,
			Text: fmt.Sprintf("%d of %d ends had no effect at the other version for as long as both served, "+
				"though both "+
				"are healthy and share the database; %s; of %d between two instances of the old version %d had none",
				wrong, of, strings.Join(said, "; "), controls, control),
			Cure: "do not let both serve at once: stop every instance of the old version before the first of the new " +
				"one starts, or go blue-green and replay; no health check and no log of errors tells of it"})
	}
	if control > 0 {
		found = append(found, upgrade.Finding{Name: FoundAlone, Of: controls, Wrong: control, Note: true,
			Text: fmt.Sprintf("%d of %d ends at one instance of the old version had no effect at another: not the "+
				"upgrade's fault", control, controls),
			Cure: "look at how its instances are told of each other before you update them one by one"})
	}
	if f := o.strange(); f.Wrong > 0 {
		found = append(found, f)
	}
	return append(found, o.things()...)
}

// strange are tokens that the other version does not know while both serve.
func (o Outcome) strange() upgrade.Finding {
	of, strange := 0, 0
	for _, d := range slices.Concat(o.Forth, o.Back) {
		if !d.Thing {
			of, strange = of+d.Of+d.Strange, strange+d.Strange
		}
	}
	return upgrade.Finding{Name: FoundStrange, Of: of, Wrong: strange,
		Text: fmt.Sprintf("%d of %d tokens of one version are inactive at the other from the first, while both serve",
			strange, of),
		Cure: "clients that are sent now to the one and now to the other fail: do not let both serve at " +
			"once, and look " +
			"at what else is lost"}
}

// blamed are the wrong ones of a door beyond the share that the old version alone has wrong.
func (o Outcome) blamed(d Door) int {
	i := slices.IndexFunc(o.Control, func(c Door) bool { return c.Name == d.Name })
	if i < 0 {
		return d.Wrong
	}
	c := o.Control[i]
	return max(0, d.Wrong-(d.Of*c.Wrong+c.Of-1)/c.Of)
}

// things are what one version has made and the other does not take, by kind.
func (o Outcome) things() (found []upgrade.Finding) {
	for _, kind := range o.Forth {
		if !kind.Thing {
			continue
		}
		of, wrong := 0, 0
		var said []string
		for _, way := range []struct {
			name string
			all  []Door
		}{{"made at the old version, asked at the new one", o.Forth}, {"the other way round", o.Back}} {
			for _, d := range way.all {
				if d.Name == kind.Name {
					blamed := o.blamed(d)
					of, wrong = of+d.Of, wrong+blamed
					said = append(said, fmt.Sprintf("%d of %d %s", blamed, d.Of, way.name))
				}
			}
		}
		if wrong > 0 {
			found = append(found, upgrade.Finding{Name: FoundThing + kind.Name, Of: of, Wrong: wrong, Note: true,
				Text: kind.Name + " is not good at the other version while both serve: " + strings.Join(said, ", "),
				Cure: kind.Lost})
		}
	}
	return found
}
