// Package nearest finds what a misspelt word was probably meant to be.
package nearest

import (
	"fmt"
	"strings"
)

// longest is how many letters a word has at most that is compared: no name has as many.
const longest = 100

// Word is the name that differs from a word in the fewest letters, "" when all differ in
// more than a third of them.
func Word(word string, names []string) string {
	nearest, least := "", 1+max(len(word), 3)/3
	if len(word) > longest {
		return ""
	}
	for _, name := range names {
		if d := distance(name, word); d < least {
			nearest, least = name, d
		}
	}
	return nearest
}

// mostListed is how many letters a list of names has at most within an error, which is read in a
// terminal.
const mostListed = 240

// Cure is what is said after an unknown word: which name was probably meant, and which
// names there are, where they are few.
func Cure(word string, names []string) string { return CureIn(word, names, "") }

// CureIn is Cure of names that may be many: where is what shows all of them, and is said when the error
// does not.
func CureIn(word string, names []string, where string) string {
	all := strings.Join(names, ", ")
	short := len(all) <= mostListed
	meant := Word(word, names)
	switch {
	case meant != "" && short:
		return "did you mean " + meant + "? There are " + all
	case meant != "":
		return "did you mean " + meant + "?"
	case short:
		return "there are " + all
	}
	few := some(ofFamily(word, names))
	if where != "" {
		where = " (" + where + ")"
	}
	return "there are " + few + where
}

// ofFamily are the names that stand in a word's family, which is what is before its first dot. For a word
// of no family each family is one name, as fault.NAME.
func ofFamily(word string, names []string) []string {
	family, _, dotted := strings.Cut(word, ".")
	var its, all []string
	for _, name := range names {
		of, _, isOf := strings.Cut(name, ".")
		switch {
		case !isOf:
			all = append(all, name)
		case dotted && of == family:
			its = append(its, name)
		case len(all) == 0 || all[len(all)-1] != of+".NAME":
			all = append(all, of+".NAME")
		}
	}
	if len(its) > 0 {
		return its
	}
	return all
}

// some is a list of as many names as an error may have, and how many are left out.
func some(names []string) string {
	list := ""
	for i, name := range names {
		if i > 0 {
			name = ", " + name
		}
		if len(list)+len(name) > mostListed {
			return fmt.Sprintf("%s and %d more", list, len(names)-i)
		}
		list += name
	}
	return list
}

// distance is how many letters must be changed, added, taken out or swapped with the next
// to make one word of another (Damerau and Levenshtein, each letter touched once).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			changed := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			rows[i][j] = min(changed, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
