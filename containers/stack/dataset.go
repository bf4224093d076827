package stack

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Dataset is how much a database holds before a measurement. The zero value is none.
type Dataset struct {
	Clients int64   // rows besides those of the measurement
	Tokens  int64   // access tokens, the revoked ones included
	Revoked float64 // share of the tokens, from 0 to less than 1
	Grants  int64   // whole logins with their tokens, for a rehearsal
	// Consents is what each user of a load has agreed to before, at each client of the load at
	// which users log in.
	Consents int64
}

// ParseDataset reads a list such as clients=1000,tokens=1000000,revoked=5%.
func ParseDataset(text string) (Dataset, error) {
	fail := func(format string, args ...any) (Dataset, error) {
		return Dataset{}, fmt.Errorf("dataset %q: "+format+": write clients=1000,tokens=1000000,revoked=5%%",
			append([]any{text}, args...)...)
	}
	var d Dataset
	seen := map[string]bool{}
	for _, pair := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return fail("%q is not key=value", pair)
		}
		if seen[key] {
			return fail("%s is given twice", key)
		}
		seen[key] = true
		var err error
		switch key {
		case "clients":
			d.Clients, err = parseRows(value)
		case "tokens":
			d.Tokens, err = parseRows(value)
		case "grants":
			d.Grants, err = parseRows(value)
		case "consents_per_subject":
			d.Consents, err = parseRows(value)
		case "revoked":
			number, percent := strings.CutSuffix(value, "%")
			d.Revoked, err = strconv.ParseFloat(number, 64)
			if !percent || d.Revoked < 0 || d.Revoked >= 100 || d.Revoked != d.Revoked {
				return fail("revoked=%q is not a share from 0%% to less than 100%%", value)
			}
			d.Revoked /= 100
		default:
			return fail("there is no %q", key)
		}
		if err != nil {
			return fail("%s=%q is not a number of rows", key, value)
		}
	}
	if d.Revoked > 0 && d.Tokens == 0 {
		return fail("revoked is a share of the tokens, and there are none")
	}
	return d, nil
}

// maxRows is far beyond what fits a disk, and far below what overflows.
const maxRows = 1_000_000_000

// parseRows reads 1000000, 1_000_000 and 1e6.
func parseRows(text string) (int64, error) {
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil || !(n >= 0 && n <= maxRows) || n != math.Trunc(n) {
		return 0, strconv.ErrRange
	}
	return int64(n), nil
}

// String is the list again.
func (d Dataset) String() string {
	revoked := strconv.FormatFloat(100*d.Revoked, 'g', -1, 64)
	text := fmt.Sprintf("clients=%d,tokens=%d,revoked=%s%%", d.Clients, d.Tokens, revoked)
	if d.Grants > 0 {
		text += fmt.Sprintf(",grants=%d", d.Grants)
	}
	if d.Consents > 0 {
		text += fmt.Sprintf(",consents_per_subject=%d", d.Consents)
	}
	return text
}

// Filled is what a Fill did.
type Filled struct {
	Dataset Dataset          `json:"dataset"`
	Before  map[string]int64 `json:"rows_before"` // by table
	After   map[string]int64 `json:"rows_after"`
	Written int64            `json:"rows_written"` // rows made, those revoked by deletion included
	Elapsed time.Duration    `json:"elapsed_ns"`   // of the writing, without the minting and the clean-up of statistics
}

// Rate is how many rows were written per second.
func (f Filled) Rate() float64 {
	if f.Elapsed <= 0 {
		return 0
	}
	return float64(f.Written) / f.Elapsed.Seconds()
}
