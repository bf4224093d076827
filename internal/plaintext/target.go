package plaintext

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Withheld stands in a target where the value of a setting was that may be a secret.
const Withheld = "***"

// What may be a secret: a value whose setting is called so, and an address with a password in it.
var (
	secretName    = regexp.MustCompile(`(?i)secret|passw|_token$|api_?key|private|credential|dsn`)
	secretAddress = regexp.MustCompile(`://[^/?#@]*:[^/?#@]+@`)
)

// variableSuffix ends settings that name an environment variable, and hold no secret.
const variableSuffix = "_env"

// Setting is the value of a target's setting, or of a variable of its environment, as it may be
// stored and shown: Withheld where it may be a secret.
func Setting(name, value string) string {
	if value != "" && secretSetting(name, value) {
		return Withheld
	}
	return value
}

func secretSetting(name, value string) bool {
	return secretName.MatchString(name) && !strings.HasSuffix(name, variableSuffix) ||
		secretAddress.MatchString(value)
}

// Target is a target, such as hydra:v2.3.0?env.API_KEY=k, as it may be stored and shown: with
// each value withheld that may be a secret. All else of it is as it was.
func Target(text string) string {
	where, query, found := strings.Cut(text, "?")
	if !found {
		return text
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, secret := secretOf(pair); secret {
			key, _, _ := strings.Cut(pair, "=")
			pairs[i] = key + "=" + Setting(name, value)
		}
	}
	return where + "?" + strings.Join(pairs, "&")
}

// TargetSecrets are the values that Target withholds.
func TargetSecrets(text string) []string {
	var values []string
	for _, pair := range pairsOf(text) {
		if _, value, secret := secretOf(pair); secret && value != Withheld {
			values = append(values, value)
		}
	}
	return values
}

// WithheldOf names the settings of a target whose values were withheld. It cannot be started
// without them.
func WithheldOf(text string) []string {
	var names []string
	for _, pair := range pairsOf(text) {
		if name, value, secret := secretOf(pair); secret && value == Withheld {
			names = append(names, name)
		}
	}
	return names
}

// Restored is a stored target with the secrets that were withheld, from the same target given
// once more with them. How says where it is to be given, for the error when it was not.
func Restored(stored, given, how string) (string, error) {
	missing := WithheldOf(stored)
	switch {
	case missing == nil:
		return stored, nil
	case Target(given) != stored || slices.Equal(WithheldOf(given), missing):
		return stored, fmt.Errorf("%s of %s is stored nowhere: give that target again, with it, by %s",
			strings.Join(missing, " and "), stored, how)
	}
	return given, nil
}

func pairsOf(text string) []string {
	_, query, found := strings.Cut(text, "?")
	if !found {
		return nil
	}
	return strings.Split(query, "&")
}

// secretOf is a setting as it is written in a target. What cannot be decoded is taken as it is.
func secretOf(pair string) (name, value string, secret bool) {
	name, value, _ = strings.Cut(pair, "=")
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	if decoded, err := url.QueryUnescape(value); err == nil {
		value = decoded
	}
	return name, value, value == Withheld || value != "" && secretSetting(name, value)
}
