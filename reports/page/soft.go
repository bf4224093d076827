package page

import (
	"html/template"
	"regexp"
	"strings"

	"github.com/oauthbench/oauthbench/reports/internal/units"
)

// The marks behind which a value, and a name, may break.
const (
	breaksOfValues = "/:?&=,@- "
	breaksOfNames  = "/:?&=,@- ._"
)

// soft is a value that a browser may break behind its punctuation. Within a word it breaks only
// where that would not fit a line.
func soft(value string) template.HTML { return breakable(value, breaksOfValues) }

// softName is soft for the name of a setting.
func softName(name string) template.HTML { return breakable(name, breaksOfNames) }

func breakable(text, marks string) template.HTML {
	var b strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, marks) + 1
		if end == 0 {
			end = len(text)
		}
		b.WriteString(template.HTMLEscapeString(text[:end]))
		if text = text[end:]; text != "" {
			b.WriteString("<wbr>")
		}
	}
	return template.HTML(b.String())
}

// tight keeps each number and its unit on one line.
func tight(text string) string { return units.Tight(text, "\u00a0") }

// option is a flag within a sentence.
var option = regexp.MustCompile(`--[a-z]+(-[a-z]+)*`)

// step is what can be done, in which no line breaks within a flag.
func step(text string) template.HTML {
	escaped := template.HTMLEscapeString(tight(text))
	return template.HTML(option.ReplaceAllString(escaped, `<span class="flag">$0</span>`))
}
