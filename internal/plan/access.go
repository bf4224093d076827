package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/oauthbench/oauthbench/internal/nearest"
)

// text is a setting that takes any text; "" is as if it were not given.
func text(field func(*Plan) *string) access {
	return access{
		set: one(func(p *Plan, v string) error { *field(p) = v; return nil }),
		get: func(p *Plan) []string { return given(*field(p)) },
	}
}

// choice is a setting that takes one of a few words.
func choice[T ~string](what string, field func(*Plan) *T, allowed []string) access {
	return access{
		set: one(func(p *Plan, v string) error {
			*field(p) = T(v)
			return oneOf(what, v, allowed)
		}),
		get: func(p *Plan) []string { return given(string(*field(p))) },
	}
}

// toggle is a setting that is on or off.
func toggle(field func(*Plan) *bool) access {
	return access{
		set: one(func(p *Plan, v string) (err error) { *field(p), err = yesNo(v); return err }),
		get: func(p *Plan) []string {
			if !*field(p) {
				return nil
			}
			return []string{"true"}
		},
	}
}

// yesNo reads true and false, also as 1 and 0.
func yesNo(v string) (bool, error) {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("%q: want true or false", v)
	}
	return b, nil
}

// span is a setting that takes a duration from least to most. It is always part of a
// run's record unless absent says that a value stands for none.
func span(field func(*Plan) *time.Duration, least, most time.Duration, absent func(time.Duration) bool) access {
	return access{
		set: one(func(p *Plan, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil {
				return fmt.Errorf("%q is not a duration such as 30s or 1m30s", v)
			}
			if d < least || d > most {
				return fmt.Errorf("%q: want %v to %v", v, least, most)
			}
			*field(p) = d
			return nil
		}),
		get: func(p *Plan) []string {
			if d := *field(p); absent == nil || !absent(d) {
				return []string{d.String()}
			}
			return nil
		},
	}
}

// count is a setting that takes a whole number from 1 to most; 0 is as if it were not given.
func count(field func(*Plan) *int, most int) access {
	return access{
		set: one(func(p *Plan, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > most {
				return fmt.Errorf("%q: want a whole number from 1 to %d", v, most)
			}
			*field(p) = n
			return nil
		}),
		get: func(p *Plan) []string {
			if n := *field(p); n != 0 {
				return []string{strconv.Itoa(n)}
			}
			return nil
		},
	}
}

// share sets a part of a whole, from 0 to 1.
func share(field func(*Plan) *float64) func(*Plan, []string) error {
	return one(func(p *Plan, v string) error {
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(n) || n < 0 || n > 1 {
			return fmt.Errorf("%q: want a share from 0 to 1", v)
		}
		*field(p) = n
		return nil
	})
}

// one takes the only value of a key that is not repeated.
func one(set func(p *Plan, value string) error) func(*Plan, []string) error {
	return func(p *Plan, values []string) error { return set(p, values[0]) }
}

// given is a value as a list, and no value as none.
func given(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func isZero(d time.Duration) bool { return d == 0 }

func oneOf(what, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("unknown %s %q: %s", what, value, nearest.Cure(value, allowed))
	}
	return nil
}

// choices are the names of values that are strings.
func choices[T ~string](values []T) []string {
	var names []string
	for _, v := range values {
		names = append(names, string(v))
	}
	return names
}
