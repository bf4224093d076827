package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Setting is one key of a target such as embedded:v2?tokens=jwt, as it is documented.
type Setting struct {
	Key     string
	Alias   string // another name for it, or ""
	Form    string // such as opaque|jwt, N or DURATION
	Allowed string // in words, for error messages
	Help    string // one sentence without its dot

	set func(*Settings, string) bool
	get func(Settings) string // "" when it has no effect
}

// Valid tells whether a value is one of those allowed.
func (x Setting) Valid(value string) bool {
	var s Settings
	return x.set(&s, value)
}

// Default is the value in a version when it is not told; "" when it has no effect then,
// and for a version that there is not.
func (x Setting) Default(version string) string {
	s, err := defaults(version)
	if err != nil {
		return ""
	}
	return x.get(s)
}

func (x Setting) known(alias string) Setting {
	x.Alias = alias
	return x
}

func word(key, help string, field func(*Settings) *string, allowed ...string) Setting {
	return Setting{
		Key: key, Help: help, Form: strings.Join(allowed, "|"), Allowed: strings.Join(allowed, " or "),
		set: func(s *Settings, value string) bool {
			*field(s) = value
			return slices.Contains(allowed, value)
		},
		get: func(s Settings) string { return *field(&s) },
	}
}

// toggle is off by default, and has no effect then.
func toggle(key, help string, field func(*Settings) *bool) Setting {
	return Setting{
		Key: key, Help: help, Form: "on|off", Allowed: "on or off",
		set: func(s *Settings, value string) bool {
			*field(s) = value == "on"
			return value == "on" || value == "off"
		},
		get: func(s Settings) string {
			if *field(&s) {
				return "on"
			}
			return ""
		},
	}
}

func number(key, help string, field func(*Settings) *int, least, most int) Setting {
	return Setting{
		Key: key, Help: help, Form: "N", Allowed: fmt.Sprintf("a whole number from %d to %d", least, most),
		set: func(s *Settings, value string) bool {
			n, err := strconv.Atoi(value)
			*field(s) = n
			return err == nil && n >= least && n <= most
		},
		get: func(s Settings) string { return strconv.Itoa(*field(&s)) },
	}
}

// lifetime is in whole seconds, because expires_in is (RFC 6749 section 5.1).
func lifetime(key, help string, field func(*Settings) *time.Duration) Setting {
	return Setting{
		Key: key, Help: help, Form: "DURATION",
		Allowed: "a duration of whole seconds from 1s to 87600h, such as 90s or 1h",
		set: func(s *Settings, value string) bool {
			d, err := time.ParseDuration(value)
			*field(s) = d
			return err == nil && ValidLifetime(d)
		},
		get: func(s Settings) string { return field(&s).String() },
	}
}

// period is a time that may be none.
func period(key, help string, field func(*Settings) *time.Duration) Setting {
	return Setting{
		Key: key, Help: help, Form: "DURATION", Allowed: "a duration from 0s to 1h, such as 10s",
		set: func(s *Settings, value string) bool {
			d, err := time.ParseDuration(value)
			*field(s) = d
			return err == nil && d >= 0 && d <= time.Hour
		},
		get: func(s Settings) string { return field(&s).String() },
	}
}

// ValidLifetime tells whether tokens can live for d.
func ValidLifetime(d time.Duration) bool {
	return d >= time.Second && d <= 87600*time.Hour && d%time.Second == 0
}
