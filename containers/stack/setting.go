package stack

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// Setting is one key of a target's query.
type Setting struct {
	Key     string
	Aliases []string // old names, which still work and are noted
	Default string   // "" when it is the server's own, which then is not recorded
	Allowed string   // for help and error messages
	Summary string
	Valid   func(string) bool
	// Grants are those that alone heed it; none when it matters whatever is sent.
	Grants []oauth.Capability
}

// Heeded says which grants alone heed the setting.
func (s Setting) Heeded(by ...oauth.Capability) Setting {
	s.Grants = by
	return s
}

// Idle are the settings of the target, as given, that matter to none of these grants: whoever sends
// no others measures the same without them.
func (s Spec) Idle(grants []oauth.Capability) (names []string) {
	for _, x := range s.server.Settings {
		if _, given := s.Settings[x.Key]; given && x.idle(grants) {
			names = append(names, x.Key)
		}
	}
	return names
}

// idle tells whether none of these grants heeds the setting.
func (s Setting) idle(grants []oauth.Capability) bool {
	return len(s.Grants) > 0 && !slices.ContainsFunc(s.Grants, func(g oauth.Capability) bool {
		return slices.Contains(grants, g)
	})
}

// Known adds an old name of the setting.
func (s Setting) Known(alias string) Setting {
	s.Aliases = append(s.Aliases, alias)
	return s
}

// OneOf is a setting with a few words as its values, the first being the default
// unless it is "".
func OneOf(key, summary, byDefault string, words ...string) Setting {
	return Setting{
		Key: key, Default: byDefault, Summary: summary, Allowed: strings.Join(words, " or "),
		Valid: func(v string) bool { return slices.Contains(words, v) },
	}
}

// WholeNumber is a setting from least to most. Words are allowed besides.
func WholeNumber(key, summary, byDefault string, least, most int, words ...string) Setting {
	allowed := "a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
	return Setting{
		Key: key, Default: byDefault, Summary: summary,
		Allowed: strings.Join(append([]string{allowed}, words...), " or "),
		Valid: func(v string) bool {
			n, err := strconv.Atoi(v)
			return err == nil && n >= least && n <= most || slices.Contains(words, v)
		},
	}
}

// Lifetime is a setting in whole seconds, because expires_in is (RFC 6749 section 5.1).
func Lifetime(key, summary string) Setting {
	return Setting{
		Key: key, Summary: summary, Allowed: "a duration of whole seconds, such as 90s or 1h",
		Valid: func(v string) bool {
			d, err := time.ParseDuration(v)
			return err == nil && d >= time.Second && d%time.Second == 0
		},
	}
}

// Text is a setting that may be anything but empty.
func Text(key, summary string) Setting {
	return Setting{Key: key, Summary: summary, Allowed: "any text", Valid: func(v string) bool { return v != "" }}
}

// ImageSetting runs another image than the usual one of that version.
var ImageSetting = Setting{
	Key: keyImage, Summary: "image to run in place of the usual one",
	Allowed: "the reference of an image, with its tag",
	Valid: func(v string) bool {
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
