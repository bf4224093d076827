package lapses

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/internal/faults"
)

// year is how much too late introspection says that a token ends, in seconds.
const year = 365 * 24 * 3600

// Wire changes how next writes its answers at an operation, and the claims of those of
// introspection. Without such a fault it gives next itself.
func (l *Lapses) Wire(operation string, next http.Handler) http.Handler {
	edits := false
	for _, kind := range []string{"number_strings", "scope_array", "exp_fraction", "introspected_exp", "other_sub"} {
		edits = edits || l.has(kind, operation)
	}
	if !edits || operation != tokenOperation && operation != introspectOperation {
		return next
	}
	return faults.Rewriting(next, func(status int, _ http.Header, body []byte) []byte {
		var answer map[string]any
		if status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
			return body
		}
		if operation == introspectOperation {
			if answer["active"] != true {
				return body
			}
			l.introspected(answer)
		}
		l.wire(operation, answer)
		text, err := json.Marshal(answer)
		if err != nil {
			return body
		}
		return append(text, '\n')
	})
}

// introspected changes what introspection says of a live token.
func (l *Lapses) introspected(answer map[string]any) {
	if expires, ok := answer["exp"].(float64); ok {
		switch l.fault("introspected_exp").Word {
		case "ms":
			answer["exp"] = expires * 1000
		case "late":
			answer["exp"] = expires + year
		}
		if l.has("exp_fraction", introspectOperation) {
			answer["exp"] = expires + 0.5
		}
	}
	if l.has("other_sub", introspectOperation) && l.strikes("other_sub") {
		answer["sub"] = otherSubject
	}
}

// wire changes the kinds of JSON that an answer is written in.
func (l *Lapses) wire(operation string, answer map[string]any) {
	if l.has("number_strings", operation) {
		for _, name := range []string{"expires_in", "exp", "iat"} {
			if number, ok := answer[name].(float64); ok {
				answer[name] = strconv.FormatFloat(number, 'f', -1, 64)
			}
		}
	}
	if scope, ok := answer["scope"].(string); ok && l.has("scope_array", operation) {
		answer["scope"] = strings.Fields(scope)
	}
}
