package oauth

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// kind is what JSON calls a type, in words that follow "is".
type kind string

const (
	kindString  kind = "a string"
	kindNumber  kind = "a number"
	kindList    kind = "a list"
	kindObject  kind = "an object"
	kindBoolean kind = "a boolean"
	kindNull    kind = "null"
)

// kindOf is the kind of a value; null when there is none.
func kindOf(raw []byte) kind {
	if len(raw) == 0 {
		return kindNull
	}
	switch raw[0] {
	case '"':
		return kindString
	case '[':
		return kindList
	case '{':
		return kindObject
	case 't', 'f':
		return kindBoolean
	case 'n':
		return kindNull
	default:
		return kindNumber
	}
}

// wrongKind refuses a member for the kind of its value.
func (d *document) wrongKind(name string, is kind) {
	d.refuse("in which " + name + " is " + string(is))
}

// exact is a string and nothing else: for what must not be guessed.
func (d *document) exact(name string) string {
	raw := d.value(name)
	if raw == nil {
		return ""
	}
	if is := kindOf(raw); is != kindString {
		d.wrongKind(name, is)
		return ""
	}
	return unquote(raw)
}

// text is a string; numeric identifiers and lists of one are taken for one.
func (d *document) text(name string) string {
	raw := d.value(name)
	is := kindOf(raw)
	if is == kindList {
		if one := elementsOf(raw); len(one) == 1 && kindOf(one[0]) == kindString {
			d.other(name, "a list", "a string")
			return unquote(one[0])
		}
	}
	switch is {
	case kindNull:
		return ""
	case kindString:
		return unquote(raw)
	case kindNumber:
		d.other(name, "a number", "a string")
		return string(raw)
	default:
		d.wrongKind(name, is)
		return ""
	}
}

// words are separated by spaces (RFC 6749 section 3.3); a list of strings is joined.
func (d *document) words(name string) string {
	raw := d.value(name)
	if kindOf(raw) != kindList {
		return d.spaced(name, d.text(name))
	}
	d.other(name, "a list", "a string")
	return strings.Join(d.strings(name, raw), " ")
}

// spaced are words that may be separated by commas instead, as some servers have their scopes: where there is
// no space but after a comma, which no scope has within (RFC 6749 section 3.3).
func (d *document) spaced(name, text string) string {
	separated := strings.ReplaceAll(text, ", ", ",")
	if !strings.Contains(text, ",") || strings.Contains(separated, " ") {
		return text
	}
	d.note(name + " is separated by commas (RFC 6749 section 3.3: by spaces)")
	return strings.Join(strings.FieldsFunc(separated, func(r rune) bool { return r == ',' }), " ")
}

// names are one string or a list of them (RFC 7519 section 4.1.3).
func (d *document) names(name string) []string {
	raw := d.value(name)
	if kindOf(raw) == kindList {
		return d.strings(name, raw)
	}
	if one := d.text(name); one != "" {
		return []string{one}
	}
	return nil
}

// strings are the strings of a list.
func (d *document) strings(name string, list []byte) []string {
	elements := elementsOf(list)
	all := make([]string, 0, len(elements))
	for _, e := range elements {
		switch is := kindOf(e); is {
		case kindString:
			all = append(all, unquote(e))
		case kindNumber:
			d.note(name + " is a list with numbers in it (" + d.source + ": strings)")
			all = append(all, string(e))
		case kindNull:
			d.note(name + " is a list with null in it (" + d.source + ": strings)")
		default:
			d.refuse("in which " + name + " is a list with " + string(is) + " in it")
			return nil
		}
	}
	return all
}

// truth is a boolean and nothing else: "false" in a string is true to many readers.
func (d *document) truth(name string) (value, told bool) {
	raw := d.value(name)
	if raw == nil {
		return false, false
	}
	if is := kindOf(raw); is != kindBoolean {
		d.wrongKind(name, is)
		return false, false
	}
	return raw[0] == 't', true
}

// seconds is a whole number. Digits in a string are taken for one, and what follows the
// point is left out, as most readers do.
func (d *document) seconds(name string) int64 {
	value, odd, ok := d.number(name)
	switch {
	case !ok:
		d.refuse("in which " + name + " is " + odd)
	case odd != "":
		d.note(name + " " + odd + " (" + d.source + ": an integer)")
	}
	return value
}

// date is a NumericDate, which may have a fraction (RFC 7519 section 2).
func (d *document) date(name string) int64 {
	value, odd, ok := d.number(name)
	switch {
	case !ok:
		d.refuse("in which " + name + " is " + odd)
	case odd != "" && odd != fractional:
		d.note(name + " " + odd + " (" + d.source + ": a number)")
	}
	return value
}

// hint is seconds that a client can do without: what cannot be read counts as not told.
func (d *document) hint(name string) int64 {
	value, odd, ok := d.number(name)
	switch {
	case !ok:
		d.note(name + " is " + odd + ", and was left out (" + d.source + ": a number)")
	case odd != "":
		d.note(name + " " + odd + " (" + d.source + ": a number)")
	}
	return value
}

const fractional = "has a fraction"

// number is a number of seconds and what is odd about it. When it is none, odd says
// what it is instead.
func (d *document) number(name string) (value int64, odd string, ok bool) {
	raw := d.value(name)
	text := string(raw)
	switch is := kindOf(raw); is {
	case kindNull:
		return 0, "", true
	case kindNumber:
	case kindString:
		text = unquote(raw)
		odd = "is a string"
	default:
		return 0, string(is), false
	}
	if value, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value, odd, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xXpP_") {
		if odd != "" {
			return 0, "a string that is no number", false
		}
		return 0, "a number that is out of range", false
	}
	if odd == "" {
		switch odd = fractional; {
		case strings.ContainsAny(text, "eE"):
			odd = "is written with an exponent"
		case !strings.Contains(text, "."):
			odd = "is beyond 64 bits"
		}
	}
	f = math.Floor(f)
	const most = 1 << 62
	return int64(min(max(f, -most), most)), odd, true
}

// At is a time in seconds since the epoch. What a time.Time cannot hold is taken for the
// nearest year that every reader knows.
func At(seconds int64) time.Time {
	const first, last = -62135596800, 253402300799 // of the years 1 to 9999
	return time.Unix(min(max(seconds, first), last), 0)
}
