package page

import (
	"io"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// Tables is a page of tables, for what has neither trials nor charts. All words must be plain.
type Tables struct {
	Word     string // Word is the decision in capitals.
	Subject  string
	Sentence string
	Decision verdict.Decision
	Tables   []Table
	Lists    []List // Lists are what it rests on.
}

// Table is one of them. Its first column names the rows.
type Table struct {
	ID, Title string
	Head      []string
	Rows      []Row
	Note      string // Note stands below it.
}

// Row is a row of a table; Marked is the one that matters most.
type Row struct {
	Cells  []string
	Marked bool
}

// List is what is said of one kind, such as what was assumed.
type List struct {
	Title string
	Items []string
}

// WriteTables writes the page.
func WriteTables(w io.Writer, t Tables) error {
	p := struct {
		page
		Tables []Table
		Lists  []List
	}{page{Title: t.Word + ": " + t.Subject, Class: pageClass(t.Decision), Word: t.Word, Subject: t.Subject,
		Sentence: t.Sentence}, t.Tables, t.Lists}
	return p.write(w, "tables_page.gohtml", &p)
}
