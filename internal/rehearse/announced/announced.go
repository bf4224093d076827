// Package announced reads the SQL that a version says its migration will run, before it runs any.
package announced

import (
	"regexp"
	"strings"
)

// Migration is what a version says that its migration will run.
type Migration struct {
	SQL        string   `json:"sql"`
	Statements int      `json:"statements"`
	Writes     []string `json:"writes,omitempty"` // those that write rows of tables that were there
}

// ofRows is a statement that writes rows; the second is the bookkeeping of Liquibase.
var (
	ofRows      = regexp.MustCompile(`(?is)^\s*(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+`)
	bookkeeping = regexp.MustCompile(`(?is)^\s*\w+\s+(INTO\s+|FROM\s+|TABLE\s+)?"?(\w+"?\.)?"?databasechangelog`)
	comment     = regexp.MustCompile(`(?m)^--.*$`)
)

// Read reads the statements of a file of SQL, leaving out what the migration writes down of itself.
func Read(sql string) *Migration {
	a := &Migration{SQL: sql}
	for _, one := range strings.Split(comment.ReplaceAllString(sql, ""), ";\n") {
		one = strings.TrimSuffix(strings.Join(strings.Fields(one), " "), ";")
		if one == "" || bookkeeping.MatchString(one) {
			continue
		}
		a.Statements++
		if ofRows.MatchString(one) {
			a.Writes = append(a.Writes, one)
		}
	}
	return a
}
