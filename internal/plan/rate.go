package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Rate is an offered rate as a user asks for it.
type Rate struct {
	Auto      bool    // from a pilot: half of what the slower version can carry
	PerSecond float64 // requests per second, at least leastRate; 0 when Auto
}

// leastRate is one request an hour, in requests per second: less is no load, and a day would not
// measure it.
const leastRate = 1.0 / 3600

var rateUnits = map[string]float64{"s": 1, "m": 60, "h": 3600}

// ParseRate reads "50/s", "3000/m", "90000/h" or "auto".
func ParseRate(text string) (Rate, error) {
	if text == "auto" {
		return Rate{Auto: true}, nil
	}
	number, unit, ok := strings.Cut(text, "/")
	if !ok {
		return Rate{}, fmt.Errorf("rate %q has no unit: write 50/s, 3000/m or auto", text)
	}
	seconds, ok := rateUnits[unit]
	if !ok {
		return Rate{}, fmt.Errorf("rate %q: unknown unit %q: use s, m or h", text, unit)
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return Rate{}, fmt.Errorf("rate %q: %q is not a number", text, number)
	}
	if n <= 0 {
		return Rate{}, fmt.Errorf("rate %q: want more than 0", text)
	}
	if n/seconds < leastRate {
		return Rate{}, fmt.Errorf("rate %q: want at least 1/h", text)
	}
	return Rate{PerSecond: n / seconds}, nil
}

// String writes a rate as ParseRate reads it.
func (r Rate) String() string {
	if r.Auto {
		return "auto"
	}
	return strconv.FormatFloat(r.PerSecond, 'g', -1, 64) + "/s"
}

// MarshalJSON writes a rate as a user would.
func (r Rate) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// UnmarshalJSON reads a rate as a user would write it.
func (r *Rate) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := ParseRate(text)
	*r = parsed
	return err
}

// setRates reads "50/s" for all scenarios and "token=50/s" for one.
func setRates(p *Plan, values []string) error {
	rates := map[string]Rate{}
	for _, value := range values {
		scenario, text, own := strings.Cut(value, "=")
		if !own {
			scenario, text = "", value
		} else if scenario == "" {
			return fmt.Errorf("rate %q names no scenario before =", value)
		}
		if _, twice := rates[scenario]; twice {
			if own {
				return fmt.Errorf("rate of %s is given twice", scenario)
			}
			return errors.New("the common rate is given twice")
		}
		r, err := ParseRate(text)
		if err != nil {
			return err
		}
		rates[scenario] = r
	}
	if _, common := rates[""]; !common {
		rates[""] = Rate{Auto: true}
	}
	p.Rates = rates
	return nil
}

// AutomaticRates tells whether any scenario's rate is to be found out.
func (p Plan) AutomaticRates() bool {
	return slices.ContainsFunc(p.Scenarios, func(name string) bool { return p.Rate(name).Auto })
}

// OfferedRate is the rate of all scenarios together in requests per second, 0 when some
// of it is to be found out.
func (p Plan) OfferedRate() float64 {
	if p.AutomaticRates() {
		return 0
	}
	if p.Mix != nil {
		return p.Rates[""].PerSecond
	}
	sum := 0.0
	for _, name := range p.Scenarios {
		sum += p.Rate(name).PerSecond
	}
	return sum
}
