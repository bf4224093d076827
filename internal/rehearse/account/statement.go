package account

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
)

// Statement is what one statement of a migration has cost.
type Statement struct {
	Text      string        `json:"text"` // without the values
	Table     string        `json:"table,omitempty"`
	Calls     int64         `json:"calls"`
	Took      time.Duration `json:"took_ns"`
	Rows      int64         `json:"rows"`
	WALBytes  int64         `json:"wal_bytes"`
	TempBytes int64         `json:"temp_bytes"`
}

// textLimit bounds the text of a statement, in bytes.
const textLimit = 160

// statementsOf are the differences of two censuses, the longest first. known tells that what had
// been asked before is not the migration's, as where a server works beside it.
func statementsOf(before, after []census.Statement, known bool) (all []Statement) {
	had := map[string]census.Statement{}
	for _, s := range before {
		had[s.Text] = s
	}
	for _, s := range after {
		b, there := had[s.Text]
		if s.Calls == b.Calls || there && known {
			continue
		}
		all = append(all, Statement{
			Text: shorten(s.Text), Table: TableOf(s.Text), Calls: s.Calls - b.Calls, Took: s.Time - b.Time,
			Rows: s.Rows - b.Rows, WALBytes: s.WALBytes - b.WALBytes, TempBytes: s.TempBytes - b.TempBytes,
		})
	}
	slices.SortFunc(all, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.Text, b.Text))
	})
	return all
}

// InStatements is how long all statements took together.
func (a *Account) InStatements() (all time.Duration) {
	for _, s := range a.Statements {
		all += s.Took
	}
	return all
}

// Comments and quoted values of a statement.
var (
	comment = regexp.MustCompile(`--[^\n]*|(?s:/\*.*?\*/)`)
	value   = regexp.MustCompile(`'(?:[^']|'')*'?`)
)

// bare is a statement in one line, without comments and without values, which may be secrets.
func bare(text string) string {
	text = comment.ReplaceAllString(value.ReplaceAllString(text, "'?'"), " ")
	return strings.Join(strings.Fields(text), " ")
}

func shorten(text string) string {
	text = bare(text)
	if len(text) <= textLimit {
		return text
	}
	return strings.ToValidUTF8(text[:textLimit], "") + "..."
}

// tablePattern finds the table that a statement writes.
var tablePattern = regexp.MustCompile(`(?i)^(?:` +
	`insert into|update(?: only)?|delete from(?: only)?|copy|truncate(?: table)?|` +
	`alter table(?: if exists)?(?: only)?|create (?:unlogged )?table(?: if not exists)?|drop table(?: if exists)?|` +
	`create (?:unique )?index(?: concurrently)?(?: if not exists)?(?: \S+)? on(?: only)?` +
	`) ("?[\w."]+)`)

// TableOf is the table that a statement writes, "" when it writes none or that cannot be told,
// as with DROP INDEX.
func TableOf(statement string) string {
	found := tablePattern.FindStringSubmatch(bare(statement))
	if found == nil {
		return ""
	}
	name := strings.ReplaceAll(found[1], `"`, "")
	return name[strings.LastIndex(name, ".")+1:]
}

// Indexing tells whether a statement builds an index, which sorts.
func Indexing(statement string) bool {
	fields := strings.Fields(strings.ToLower(statement))
	return len(fields) > 2 && fields[0] == "create" && (fields[1] == "index" || fields[2] == "index")
}
