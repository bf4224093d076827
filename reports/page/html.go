// Package page makes report.html, for one run and for several, and the page that
// follows a run under way. Its templates only arrange; what they arrange is in words.
package page

import (
	"embed"
	"html/template"
	"io"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib/plot"

	"github.com/oauthbench/oauthbench/reports/internal/plot"
)

//go:embed *.gohtml *.css *.js
var pageFiles embed.FS

// WriteRun writes the page of one run: one file that needs no network: styles, charts and scripts are in
// it, and its content security policy forbids everything else. Without scripts every
// chart is there too. Whatever comes from a run is escaped by html/template; only the
// pictures, which escape their own text, are inserted as they are.
func WriteRun(w io.Writer, pictures *plot.Pictures) error {
	p := newPage(pictures)
	return p.write(w, "page.gohtml", &p)
}

// write executes a template on data, which p is or is part of.
func (p *page) write(w io.Writer, name string, data any) error {
	templates, err := pageTemplates()
	if err != nil {
		return err
	}
	if p.Style, err = pageStyle(); err != nil {
		return err
	}
	if len(p.Series) > 0 {
		if p.Script, err = pageScript("page.js"); err != nil {
			return err
		}
	}
	return templates.ExecuteTemplate(w, name, data)
}

func pageTemplates() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"dict": dict, "inc": func(i int) int { return i + 1 },
		"soft": soft, "softName": softName, "tight": tight, "step": step,
	}).ParseFS(pageFiles, "*.gohtml")
}

func pageStyle() (template.CSS, error) {
	own, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return "", err
	}
	uplot, err := asset("uPlot.min.css")
	if err != nil {
		return "", err
	}
	return template.CSS(plot.PageColours() + uplot + string(own)), nil
}

// pageScript is uPlot's licence, uPlot as vegeta carries it, what draws charts with it, and the
// script of that name, which says where.
func pageScript(name string) (template.JS, error) {
	script, err := asset("uPlot.min.js")
	if err != nil {
		return "", err
	}
	licence, err := pageFiles.ReadFile("uplot.license.js")
	if err != nil {
		return "", err
	}
	script = string(licence) + script
	for _, file := range []string{"charts.js", name} {
		own, err := pageFiles.ReadFile(file)
		if err != nil {
			return "", err
		}
		script += "\n" + string(own)
	}
	return template.JS(script), nil
}

func asset(name string) (string, error) {
	f, err := vegeta.Assets.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b strings.Builder
	_, err = io.Copy(&b, f)
	return b.String(), err
}

// dict hands several values to a sub-template: names and values alternate.
func dict(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
