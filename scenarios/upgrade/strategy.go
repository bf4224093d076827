package upgrade

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Strategy is how green takes blue's place.
type Strategy string

// Strategies. The first migrates a copy while blue serves; the others migrate blue's own
// database, under blue or with blue stopped. With the last both serve on it for a while.
const (
	BlueGreen    Strategy = "blue-green"
	InPlace      Strategy = "in-place"
	StopTheWorld Strategy = "stop-the-world"
	Rolling      Strategy = "rolling"
)

// Strategies are all.
func Strategies() []Strategy { return []Strategy{BlueGreen, InPlace, StopTheWorld, Rolling} }

// StrategyNames are their names for help.
func StrategyNames() string {
	var all []string
	for _, s := range Strategies() {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}

// String, Set and Type make a Strategy a flag.
func (s *Strategy) String() string { return string(*s) }

// Set takes one of the names.
func (s *Strategy) Set(text string) error {
	if !slices.Contains(Strategies(), Strategy(text)) {
		return fmt.Errorf("use one of %s", StrategyNames())
	}
	*s = Strategy(text)
	return nil
}

// Type names what the flag takes.
func (s *Strategy) Type() string { return "strategy" }

// Step is one step of a rehearsal, as it went.
type Step struct {
	Name  string        `json:"name"`
	Began time.Time     `json:"began"`
	Took  time.Duration `json:"took_ns"`
	Asked int           `json:"asked,omitempty"` // questions, where it is a step of questions
}
