package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mix is a shape of traffic: how much of it is of each scenario.
type Mix struct {
	Name    string
	Summary string
	Source  string // where the shape is from
	Weights map[string]float64
}

// Mixes are the shapes that have a name, the default first.
var Mixes = []Mix{
	{
		Name:    "resource-server",
		Summary: "opaque tokens, each looked up by the services it is sent to",
		Source: "no published measurement: a typical shape, in which a token is introspected several times before " +
			"it is renewed",
		Weights: map[string]float64{"introspect": 80, "token": 12, "refresh": 6, "revoke": 2},
	},
	{
		Name:    "keycloak-sizing",
		Summary: "people who log in and out, their refreshes, and as many machines",
		// 45 logins and logouts, 360 client credentials grants and 360 refreshes a second. A
		// login is two requests here, the authorization request and the exchange of the code.
		Source:  "Keycloak, High availability guide, Concepts for sizing CPU and memory resources, calculation example",
		Weights: map[string]float64{"authcode": 90, "token": 360, "refresh": 360, "revoke": 45},
	},
}

// Mixed is the name by which the default mix can be asked for as if it were a scenario.
const Mixed = "mixed"

// ParseMix reads the name of one of Mixes, or weights by scenario such as
// introspect=80 and token=20.
func ParseMix(values []string) (map[string]float64, error) {
	if len(values) == 1 && !strings.Contains(values[0], "=") {
		var names []string
		for _, m := range Mixes {
			if m.Name == values[0] {
				return maps.Clone(m.Weights), nil
			}
			names = append(names, m.Name)
		}
		return nil, fmt.Errorf("unknown mix %q: there are %s, and weights such as introspect=80,token=20", values[0],
			strings.Join(names, ", "))
	}
	weights, err := ParseWeights(values)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(weights, func(_ string, w float64) bool { return w == 0 })
	_, err = Find(slices.Sorted(maps.Keys(weights)))
	return weights, err
}

// Operations are the names of all operations of some scenarios, in order.
func Operations(names []string) []string {
	var all []string
	for _, name := range names {
		for _, s := range All {
			if s.Name != name {
				continue
			}
			for _, o := range s.Operations {
				all = append(all, o.Name)
			}
		}
	}
	return all
}

// Share is an operation's share of a scenario's arrivals; 0 when it has none.
func Share(scenario, operation string) float64 {
	for _, s := range All {
		for _, o := range s.Operations {
			if s.Name == scenario && o.Name == operation {
				return o.Share
			}
		}
	}
	return 0
}

// LeastShare is the share of a scenario's arrivals that its rarest operation has.
func LeastShare(name string) float64 {
	least := 1.0
	for _, s := range All {
		if s.Name == name {
			for _, o := range s.Operations {
				least = min(least, o.Share)
			}
		}
	}
	return least
}
