package projected

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Counts are the rows of a production database by table.
type Counts map[string]float64

// mostRows is beyond any table.
const mostRows = 1e13

// ReadCounts reads lines such as hydra_oauth2_access,12000000. A first line without a number is
// a heading. PostgreSQL writes them by
//
//	COPY (SELECT relname, reltuples FROM pg_class WHERE relkind = 'r') TO STDOUT (FORMAT csv)
func ReadCounts(from io.Reader) (Counts, error) {
	lines := csv.NewReader(from)
	lines.FieldsPerRecord, lines.Comment, lines.TrimLeadingSpace = 2, '#', true
	counts := Counts{}
	for number := 1; ; number++ {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("write one table and its rows a line, as in hydra_oauth2_access,12000000: %w", err)
		}
		name := strings.TrimSpace(line[0])
		rows, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(line[1]), "_", ""), 64)
		if err != nil && number == 1 {
			continue
		}
		if rows == -1 && err == nil {
			return nil, fmt.Errorf("line %d: %s was never analyzed (reltuples is -1): run ANALYZE first", number, name)
		}
		if err != nil || !(rows >= 0 && rows <= mostRows) || math.IsNaN(rows) || name == "" {
			return nil, fmt.Errorf("line %d: %q has no number of rows from 0 to %g: %q", number, name, mostRows,
				line[1])
		}
		if _, twice := counts[name]; twice {
			return nil, fmt.Errorf("line %d: %s is given twice", number, name)
		}
		counts[name] = rows
	}
	if len(counts) == 0 {
		return nil, errors.New("it names no table")
	}
	return counts, nil
}
