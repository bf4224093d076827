package page

import (
	"html/template"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Frame is what is around every page: styles, the badge of the verdict, the foot. A page of another
// package has it as part of what its template shows, and uses the templates "head", "theme", "badge"
// and "foot".
type Frame struct {
	Title    string
	Class    string // of the verdict
	Word     string // It is the decision in capitals.
	State    string
	Subject  string
	Sentence string
	Tool     string
	Style    template.CSS
	Script   template.JS // There is none.
	Series   string
}

// NewFrame is that of a page with a verdict. All words must be plain.
func NewFrame(decision verdict.Decision, word, subject, sentence string) (Frame, error) {
	style, err := pageStyle()
	return Frame{Title: word + ": " + subject, Class: pageClass(decision), Word: word, Subject: subject,
		Sentence: sentence, Style: style}, err
}

// Templates are those of all pages, to which another package adds its own.
func Templates() (*template.Template, error) { return pageTemplates() }
