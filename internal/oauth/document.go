package oauth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// Servers do not send JSON as it stands in the specifications: digits in strings, lists
// of scopes, byte order marks. A document is read as far as its meaning is plain, with a
// list of what was odd about it. It is refused only where a guess could hide what a
// check must find: a member that decides about rights or time and cannot be understood.

// Oddities are the ways in which an answer departs from its specification and could be
// read all the same. Their texts come from a small fixed set and hold no values.
type Oddities []string

// Refused is why an answer cannot be used. It names the member and the kind of its
// value, and never the value, which may be a token.
type Refused struct {
	What string // "token response"
	Why  string // "in which scope is an object"
	// Quote is how a page of HTML begins, which mostly says what went wrong; "" for all
	// else.
	Quote string
}

// Case is the refusal without the quotation: one of a small fixed set.
func (r *Refused) Case() string { return r.What + " " + r.Why }

func (r *Refused) Error() string {
	if r.Quote == "" {
		return r.Case()
	}
	return r.Case() + ": " + r.Quote
}

// document is a JSON object that is being read. Its readers return the zero value once
// something was refused, so that the caller looks at refused once, at the end.
type document struct {
	what    string // "token response"
	source  string // the section that says how it should be
	members []member
	odd     Oddities
	refused *Refused
}

// member is a member of an object, with its value as it was sent.
type member struct {
	name string
	raw  []byte
}

// readDocument takes a body apart. packed allows for a body that is a signed JWT.
func readDocument(what, source string, body []byte, packed bool) *document {
	d := &document{what: what, source: source}
	body = d.unwrap(body)
	if packed && d.refused == nil && LooksLikeJWT(string(body)) {
		d.note("the answer is a signed JWT (RFC 9701), whose signature was not checked")
		_, payload, _ := strings.Cut(string(body), ".")
		payload, _, _ = strings.Cut(payload, ".")
		claims, err := base64.RawURLEncoding.DecodeString(payload)
		if err != nil {
			d.refuse("is a JWT whose claims cannot be decoded")
		}
		body = claims
	}
	if d.refused == nil {
		d.parse(body)
	}
	return d
}

// unwrap takes off what is around the JSON: a compression that nobody asked for, a byte
// order mark, white space.
func (d *document) unwrap(body []byte) []byte {
	plain, packing, err := unpack(body)
	if err != nil {
		d.refuse("is compressed with " + packing + " and cannot be unpacked")
		return nil
	}
	if packing != "" {
		d.note("the answer is compressed with " + packing + ", which was not asked for")
	}
	if rest, marked := bytes.CutPrefix(plain, []byte("\xef\xbb\xbf")); marked {
		d.note("the answer begins with a byte order mark (RFC 8259 section 8.1: without)")
		plain = rest
	}
	return bytes.TrimSpace(plain)
}

func (d *document) parse(body []byte) {
	switch {
	case len(body) == 0:
		d.refuse("is empty")
	case !json.Valid(body) && body[0] == '<':
		d.refuse("is not JSON")
		d.refused.Quote = brief(body)
	case !json.Valid(body):
		plain, packed := inflate(body)
		if !packed {
			d.refuse("is not JSON")
			return
		}
		d.note("the answer is compressed with deflate, which was not asked for")
		d.parse(bytes.TrimSpace(plain))
	case body[0] != '{':
		d.refuse("is no JSON object")
	default:
		d.members = membersOf(body)
	}
}

// refuse keeps the first reason.
func (d *document) refuse(why string) {
	if d.refused == nil {
		d.refused = &Refused{What: d.what, Why: why}
	}
}

// note adds what is odd, once.
func (d *document) note(text string) {
	for _, known := range d.odd {
		if known == text {
			return
		}
	}
	d.odd = append(d.odd, text)
}

// other notes that a member is not of the kind that it should be.
func (d *document) other(name, is, should string) {
	d.note(fmt.Sprintf("%s is %s, not %s (%s)", name, is, should, d.source))
}

// err is the refusal, nil when there was none.
func (d *document) err() error {
	if d.refused == nil {
		return nil // and not a nil *Refused
	}
	return d.refused
}

// value is a member as it was sent; nil when it is absent or null, which mean the same.
// A member that is given twice with one value is odd; with two it cannot be used, for
// readers differ in which one they take (RFC 8259 section 4).
func (d *document) value(name string) []byte {
	var found []byte
	for _, m := range d.members {
		switch {
		case m.name != name:
		case found == nil:
			found = m.raw
		case bytes.Equal(found, m.raw):
			d.note(name + " is given twice")
		default:
			d.refuse("in which " + name + " is given twice, with different values")
			return nil
		}
	}
	if kindOf(found) == kindNull {
		return nil
	}
	return found
}

// membersOf takes a valid JSON object apart.
func membersOf(object []byte) []member {
	var all []member
	for rest := skip(object[1:], " \t\r\n,"); rest[0] != '}'; rest = skip(rest, " \t\r\n,") {
		end := endOf(rest)
		name := rest[:end]
		rest = skip(rest[end:], " \t\r\n:")
		end = endOf(rest)
		all = append(all, member{unquote(name), rest[:end]})
		rest = rest[end:]
	}
	return all
}

// elementsOf takes a valid JSON array apart.
func elementsOf(array []byte) [][]byte {
	var all [][]byte
	for rest := skip(array[1:], " \t\r\n,"); rest[0] != ']'; rest = skip(rest, " \t\r\n,") {
		end := endOf(rest)
		all = append(all, rest[:end])
		rest = rest[end:]
	}
	return all
}

func skip(text []byte, these string) []byte { return bytes.TrimLeft(text, these) }

// endOf is where the value ends that valid JSON begins with.
func endOf(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return i // after a number or a word
			}
			depth--
		case ',', ' ', '\t', '\r', '\n', ':':
			if depth == 0 {
				return i // likewise
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

// unquote reads a valid JSON string.
func unquote(raw []byte) string {
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return ""
			}
			return s
		}
	}
	return string(inner)
}
