package page

import "io"

// WritePlain writes a page of words alone, for what has no charts: a headline, and the
// table as a terminal shows it.
func WritePlain(w io.Writer, headline, words string) error {
	templates, err := pageTemplates()
	if err != nil {
		return err
	}
	p := page{Title: headline, Class: "measured"}
	if p.Style, err = pageStyle(); err != nil {
		return err
	}
	return templates.ExecuteTemplate(w, "plain.gohtml", struct {
		page
		Words string
	}{p, words})
}
