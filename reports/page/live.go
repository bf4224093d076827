package page

import (
	"html/template"
	"io"
)

// WriteLive writes the page that follows a run under way: what it shows comes over
// server-sent events from the address "events" beside it, and it may connect nowhere
// else.
func WriteLive(w io.Writer) error {
	templates, err := pageTemplates()
	if err != nil {
		return err
	}
	var p struct {
		Style  template.CSS
		Script template.JS
	}
	if p.Style, err = pageStyle(); err != nil {
		return err
	}
	if p.Script, err = pageScript("live.js"); err != nil {
		return err
	}
	return templates.ExecuteTemplate(w, "live.gohtml", p)
}
