package forged

import (
	"strings"
	"unicode"
)

// Tamper makes near misses of a live token. Each differs from it in the bytes that the
// token stands for, and not only in its spelling: bits that Base64 leaves unused are not
// touched, and case is swapped only where it carries information.
func Tamper(token string) []Tampered {
	if token == "" {
		return nil
	}
	var all []Tampered
	add := func(how, changed string) {
		if changed != "" && changed != token {
			all = append(all, Tampered{how, changed})
		}
	}
	add("first character changed", otherAt(token, 0))
	add("character in the middle changed", otherAt(token, len(token)/2))
	add("last character changed", otherEnd(token))
	add("case swapped", otherCase(token))
	add("cut by one character", token[:len(token)-1])
	add("one character appended", token+surplus(token))
	return append(all, forgeJWT(token)...)
}

// otherAt changes a character before the last, into one of its kind; "" where there is none
// that stands for something at that place or soon after it.
func otherAt(token string, at int) string {
	for ; at < len(token)-1; at++ {
		var other byte
		switch c := token[at]; {
		case c >= '0' && c <= '9':
			other = '0' + (c-'0'+5)%10
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F': // also a digit of hex
			other = c - (c | 32 - 'a') + (c|32-'a'+3)%6
		case c >= 'g' && c <= 'z' || c >= 'G' && c <= 'Z':
			other = c - (c | 32 - 'g') + (c|32-'g'+10)%20
		default:
			continue
		}
		return token[:at] + string(other) + token[at+1:]
	}
	return ""
}

// base64url is the alphabet of RFC 4648 section 5.
const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// otherEnd changes the last character. A last character of Base64 may carry only two
// bits, the highest ones (RFC 4648 section 3.5), so it is the highest that changes.
func otherEnd(token string) string {
	begin, last := token[:len(token)-1], token[len(token)-1]
	if i := strings.IndexByte(base64url, last); i >= 0 {
		return begin + string(base64url[i^32])
	}
	return begin + "A"
}

// leastLetters is how many letters of each case there must be for case to carry
// information. Hex, Base32 and UUIDs have one case, and may be read in either.
const leastLetters = 4

// otherCase swaps the case of every letter; "" where case means nothing.
func otherCase(token string) string {
	upper, lower := 0, 0
	swapped := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			upper++
			return unicode.ToLower(r)
		case r >= 'a' && r <= 'z':
			lower++
			return unicode.ToUpper(r)
		}
		return r
	}, token)
	if upper < leastLetters || lower < leastLetters {
		return ""
	}
	return swapped
}

// surplus is what is appended. Of four characters of Base64 and one more, lenient readers
// drop the one, for it has less than a byte: there it is two.
func surplus(token string) string {
	if len(token[strings.LastIndexByte(token, '.')+1:])%4 == 0 {
		return "AA"
	}
	return "A"
}
