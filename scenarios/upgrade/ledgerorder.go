package upgrade

import (
	"cmp"
	"slices"
)

// compareLines orders lines by when they were asked, then by what they count.
func compareLines(a, b Line) int {
	return cmp.Or(
		cmp.Compare(phaseOrder(a.Asked), phaseOrder(b.Asked)),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(phaseOrder(a.Made), phaseOrder(b.Made)),
		cmp.Compare(a.Why, b.Why),
		cmp.Compare(phaseOrder(a.Ended), phaseOrder(b.Ended)),
	)
}

// phaseOrder is the place of a phase in a rehearsal; -1 for none.
func phaseOrder(p Phase) int { return slices.Index(phases, p) }
