package bench

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Ailment is what is wrong with a part of a deployment, by what the system that runs it or its own log says.
type Ailment string

// The ailments. A run that was stored before there were any has its own words instead.
const (
	DiskFull   Ailment = "disk full"
	LostMemory Ailment = "process killed for want of memory" // the part lives
	NoMemory   Ailment = "killed for want of memory"
	Ended      Ailment = "ended"
	Complained Ailment = "complained" // in its log, which nothing explains better
)

// Cause is what was found wrong with one part of a deployment when something had failed. Its words are made
// here alone, so that reports compare fields and not sentences.
type Cause struct {
	Part    string  `json:"part"` // "server" or "database"; "" where Ailment has words of its own
	Ailment Ailment `json:"ailment"`
	// ExitCode is that of a part that has ended.
	ExitCode int    `json:"exit_code,omitempty"`
	Log      string `json:"log,omitempty"` // Log is its last line, or the last that tells of the ailment.
}

// SaysDiskFull tells whether a log says that there was no room left to write.
func SaysDiskFull(log string) bool {
	log = strings.ToLower(log)
	return strings.Contains(log, "no space left on device") || strings.Contains(log, "disk quota exceeded") ||
		strings.Contains(log, "database or disk is full")
}

// Like tells whether two causes differ at most in the line of a log.
func (c Cause) Like(other Cause) bool {
	c.Log, other.Log = "", ""
	return c == other
}

// String says in one line what is wrong.
func (c Cause) String() string {
	var what string
	switch {
	case c.Part == "":
		what = string(c.Ailment)
	case c.Ailment == Complained:
		return fmt.Sprintf("the last line of the %s's log is %q", c.Part, c.Log)
	case c.Ailment == DiskFull:
		what = "the " + c.Part + "'s disk is full"
	case c.Ailment == LostMemory:
		what = "the " + c.Part + " lost a process for want of memory"
	case c.Ailment == NoMemory:
		what = "the " + c.Part + " was killed for want of memory"
	case c.Ailment == Ended:
		what = fmt.Sprintf("the %s has ended with code %d", c.Part, c.ExitCode)
	default:
		what = fmt.Sprintf("the %s: %s", c.Part, c.Ailment)
	}
	if c.Log != "" {
		what += fmt.Sprintf("; the last line of its log is %q", c.Log)
	}
	return what
}

// UnmarshalJSON also reads the sentence that a run had in this place before causes had fields.
func (c *Cause) UnmarshalJSON(data []byte) error {
	var sentence string
	if json.Unmarshal(data, &sentence) != nil {
		type fields Cause
		return json.Unmarshal(data, (*fields)(c))
	}
	*c = Cause{Ailment: Ailment(sentence)}
	what, quoted, logged := strings.Cut(sentence, "; the last line of its log is ")
	if log, err := strconv.Unquote(quoted); logged && err == nil {
		c.Ailment, c.Log = Ailment(what), log
	}
	return nil
}
