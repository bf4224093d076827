// Package nearest finds what a misspelt word was probably meant to be.
package nearest

import "strings"

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

// Cure is what is said after an unknown word: which name was probably meant, and which
// names there are.
func Cure(word string, names []string) string {
	all := strings.Join(names, ", ")
	if meant := Word(word, names); meant != "" {
		return "did you mean " + meant + "? There are " + all
	}
	return "there are " + all
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
