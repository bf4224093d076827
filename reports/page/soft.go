package page

import (
	"html/template"
	"strings"
	"unicode/utf8"
)

// longestPart is how many characters between two punctuation marks fit a column, also on a phone.
const longestPart = 20

// soft is a value that breaks behind its punctuation, and within a word only where that would
// not fit a column.
func soft(text string) template.HTML {
	var b strings.Builder
	long := false
	for len(text) > 0 {
		end := strings.IndexAny(text, "/:?&=,@- ") + 1
		if end == 0 {
			end = len(text)
		}
		long = long || utf8.RuneCountInString(text[:end]) > longestPart
		b.WriteString(template.HTMLEscapeString(text[:end]))
		if text = text[end:]; text != "" {
			b.WriteString("<wbr>")
		}
	}
	if long {
		return template.HTML(`<span class="long">` + b.String() + "</span>")
	}
	return template.HTML(b.String())
}
