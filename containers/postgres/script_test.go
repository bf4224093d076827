package postgres

import (
	"errors"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// A statement begins where its first word does, however what is before it is quoted.
func TestStatements(t *testing.T) {
	for _, test := range []struct {
		what, script string
		want         []int // lines
	}{
		{"nothing", " \n-- nothing; here\n;;\n", nil},
		{"the last without an end", "SELECT 1;\n\nSELECT 2", []int{1, 3}},
		{"comments before and within", "/* a; /* b; */ c; */\nSELECT -- 1;\n 2;\nSELECT 3;", []int{2, 4}},
		{"quotations", "SELECT 'a;''b;', \"c;\"\"d;\";\nSELECT 1", []int{1, 2}},
		{"a quotation with escapes", "SELECT E'a\\';b';\nSELECT 'a\\';\nSELECT date'a\\';\nSELECT 1",
			[]int{1, 2, 3, 4}},
		{"dollars", "DO $$ BEGIN PERFORM 1; END $$;\nDO $a$ $$; $b$; $a$;\nSELECT $1, a$b$c; SELECT 1;",
			[]int{1, 2, 3, 3}},
		{"letters beyond ASCII", "SELECT 'ä;';\nSELECT $ü$;$ü$;\nSELECT 1", []int{1, 2, 3}},
		{"a quotation that does not end", "SELECT 1;\nSELECT 'a;\nb", []int{1, 2}},
	} {
		var got []int
		for _, at := range statements(test.script) {
			got = append(got, lineOf(test.script, at))
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: statements begin in lines %v; want %v", test.what, got, test.want)
		}
	}
}

// A refusal names the line that the database names, or that of the first statement that was not done. What is
// no fault of a script is left as it is.
func TestRefusals(t *testing.T) {
	const script = "-- ü\nUPDATE a SET b = 1;\n\nUPDATE a\n SET nothing = 2;\n"
	for _, test := range []struct {
		err  *pgconn.PgError
		done int
		line int // 0 for an error that stays
	}{
		{&pgconn.PgError{Code: "42703", Message: "column", Position: 41}, 0, 5},
		{&pgconn.PgError{Code: "23505", Message: "duplicate", Detail: "Key (b)=(1)"}, 1, 4},
		{&pgconn.PgError{Code: "23505", Message: "at the end"}, 2, 4},
		{&pgconn.PgError{Code: "57P01", Message: "terminating connection"}, 1, 0},
		{&pgconn.PgError{Code: "53100", Message: "disk full"}, 1, 0},
	} {
		var refused *stack.StatementError
		err := refusal(script, statements(script), test.done, test.err)
		switch is := errors.As(err, &refused); {
		case is != (test.line > 0):
			t.Errorf("%s is the script's: %v; want %v", test.err.Code, is, test.line > 0)
		case is && refused.Line != test.line:
			t.Errorf("%s is in line %d; want %d", test.err.Code, refused.Line, test.line)
		}
	}
	if err := refusal(script, nil, 0, nil); err != nil {
		t.Errorf("no error: %v", err)
	}
}
