package stack

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// oneOf is a setting with a few words as its values, the first being the default
// unless it is "".
func oneOf(key, summary, byDefault string, words ...string) Setting {
	return Setting{
		Key: key, Default: byDefault, Summary: summary, Allowed: strings.Join(words, " or "),
		valid: func(v string) bool { return slices.Contains(words, v) },
	}
}

// wholeNumber is a setting from least to most. Words are allowed besides.
func wholeNumber(key, summary, byDefault string, least, most int, words ...string) Setting {
	allowed := "a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
	return Setting{
		Key: key, Default: byDefault, Summary: summary, Allowed: strings.Join(append([]string{allowed}, words...), " or "),
		valid: func(v string) bool {
			n, err := strconv.Atoi(v)
			return err == nil && n >= least && n <= most || slices.Contains(words, v)
		},
	}
}

// lifetime is a setting in whole seconds, because expires_in is (RFC 6749 section 5.1).
func lifetime(key, summary string) Setting {
	return Setting{
		Key: key, Summary: summary, Allowed: "a duration of whole seconds, such as 90s or 1h",
		valid: func(v string) bool {
			d, err := time.ParseDuration(v)
			return err == nil && d >= time.Second && d%time.Second == 0
		},
	}
}

// imageSetting runs another image than the usual one of that version.
var imageSetting = Setting{
	Key: keyImage, Summary: "image to run in place of the usual one", Allowed: "the reference of an image, with its tag",
	valid: func(v string) bool {
		name, tag, ok := cutTag(v)
		return ok && name != "" && tag != "latest" && tagPattern.MatchString(tag)
	},
}

// cutTag splits a reference before its tag. A colon before a slash is a port.
func cutTag(reference string) (name, tag string, ok bool) {
	i := strings.LastIndexByte(reference, ':')
	if i < 0 || strings.ContainsRune(reference[i:], '/') {
		return reference, "", false
	}
	return reference[:i], reference[i+1:], true
}
