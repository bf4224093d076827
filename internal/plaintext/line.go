// Package plaintext makes text of servers, images and plans plain for every way out: a
// terminal, the log of a CI job, Markdown on GitHub, CSV, JSON, a shell. HTML and XML are
// escaped by the libraries that write them; their text passes Line before.
//
// Use Line for what is printed or becomes part of a report, Markdown and Cell on top of it
// by format, JSON for a whole file, and a Mask for the secrets of a run.
package plaintext

import (
	"regexp"
	"strings"
	"unicode"
)

// Line makes a string fit for one line of a terminal or a log. What could move the
// cursor, set colours or titles, hide text, or change the direction of writing becomes
// visible as "?", and what a CI system would take for a command is broken with a space.
func Line(s string) string {
	return breakCommands(strings.Map(func(r rune) rune {
		if Hidden(r) {
			return '?'
		}
		return r
	}, s))
}

// Hidden tells whether a character does something else than show: controls, formats such
// as those of bidirectional text, line separators, fillers, and what is no character.
func Hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs,
		unicode.Noncharacter_Code_Point,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == unicode.ReplacementChar
}

// Commands of CI systems within a log: GitHub's ::error:: and ::stop-commands:: (actions/
// runner, ActionCommand.cs), its older ##[group], Azure's ##vso[ and TeamCity's ##teamcity[.
var (
	colonCommand = regexp.MustCompile(`::([A-Za-z][A-Za-z0-9_-]*)`)
	hashCommand  = regexp.MustCompile(`##([A-Za-z]*)\[`)
	hexGroup     = regexp.MustCompile(`^[0-9A-Fa-f]{1,4}$`) // of an IPv6 address, which is no command
)

func breakCommands(s string) string {
	if strings.Contains(s, "::") {
		s = colonCommand.ReplaceAllStringFunc(s, func(command string) string {
			if hexGroup.MatchString(command[2:]) {
				return command
			}
			return ": :" + command[2:]
		})
	}
	if strings.Contains(s, "##") {
		s = hashCommand.ReplaceAllString(s, "# #$1[")
	}
	return s
}
