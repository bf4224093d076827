package faults

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is one planted fault. As text it reads VALUE[/VALUE][@OPERATION], and several
// of one kind are separated by commas: 20ms@token,5ms@revoke. Without an operation it
// strikes every one.
type Fault struct {
	Kind             string        // Name of its Kind
	Operation        string        // "" for every one
	Word             string        // as the kind has it
	Number           float64       // a share, factor, sigma or count, as the kind has it
	Duration, Period time.Duration // as the kind has them
}

// Kind is a kind of fault.
type Kind struct {
	Name    string
	Summary string // what the server does, in half a sentence
	Values  []Value
	// Operations are those that it can be limited to. Kinds of any handler have none of
	// their own, and can be limited to each that the server has.
	Operations []string
	// Wrap plants the fault in front of a handler. Its randomness follows from the seed.
	// A kind without it changes what a server knows and says, and is its own business.
	Wrap func(f Fault, seed uint64, next http.Handler) http.Handler
}

// Kinds are all that can stand before any handler. Of several faults at one operation
// the first kind meets the request first.
func Kinds() []Kind {
	return []Kind{
		{Name: "stall", Summary: "answers nothing for the first duration at the end of every period",
			Values: []Value{Duration, Period}, Wrap: stalling},
		{Name: "stall_once", Summary: "answers nothing for the first duration, once, when the second has passed " +
			"since the start",
			Values: []Value{Duration, Period}, Wrap: stallingOnce},
		{Name: "error_burst", Summary: "answers 500 for the first duration at the end of every period",
			Values: []Value{Duration, Period}, Wrap: bursting},
		{Name: "errors", Summary: "answers 500 to a share of requests",
			Values: []Value{Share}, Wrap: failing},
		{Name: "delay", Summary: "delays every request",
			Values: []Value{Duration}, Wrap: delaying},
		{Name: "delay_lognormal", Summary: "delays every request by a log-normal time of this median and this sigma",
			Values: []Value{Duration, Sigma}, Wrap: delayingLogNormally},
		{Name: "delay_every", Summary: "delays every n-th request",
			Values: []Value{Count, Duration}, Wrap: delayingEvery},
		{Name: "slowdown", Summary: "takes longer by this factor of its own time: 0.3 is +30 %",
			Values: []Value{Factor}, Wrap: slowing},
		{Name: "burn", Summary: "spends this factor more of its own CPU time: 0.3 is +30 %",
			Values: []Value{Factor}, Wrap: burning},
		{Name: "dies_at", Summary: "ends without an answer at the n-th request, as by a crash, with exit status 70",
			Values: []Value{Count}, Wrap: dying},
		{Name: "bom", Summary: "begins every body with a byte order mark", Values: []Value{On}, Wrap: marking},
		{Name: "gzip", Summary: "compresses every body, whether asked to or not", Values: []Value{On},
			Wrap: compressing},
	}
}

// Form is how a fault of the kind is written.
func (k Kind) Form() string {
	var forms []string
	for _, v := range k.Values {
		forms = append(forms, v.form)
	}
	form := strings.Join(forms, "/")
	if k.limited() {
		form += "[@OPERATION]"
	}
	return form
}

// limited tells whether a fault of the kind can be limited to an operation.
func (k Kind) limited() bool { return k.Wrap != nil || len(k.Operations) > 0 }

// within are the operations that it can be limited to at a server that has these.
func (k Kind) within(operations []string) []string {
	if len(k.Operations) > 0 {
		return k.Operations
	}
	return operations
}

// Allowed says in words what Parse takes, for error messages.
func (k Kind) Allowed(operations []string) string {
	allowed := k.Form()
	if k.limited() {
		allowed += " with an operation of " + strings.Join(k.within(operations), ", ")
	}
	return allowed + ", once for each"
}

// Parse reads the faults of one kind, which may strike the operations named.
func (k Kind) Parse(text string, operations []string) ([]Fault, error) {
	var all []Fault
	for _, item := range strings.Split(text, ",") {
		f, ok := k.parse(item, operations)
		again := func(g Fault) bool { return g.Operation == f.Operation }
		if !ok || slices.ContainsFunc(all, again) {
			return nil, fmt.Errorf("fault %s=%q: use %s", k.Name, text, k.Allowed(operations))
		}
		all = append(all, f)
	}
	return all, nil
}

func (k Kind) parse(item string, operations []string) (Fault, bool) {
	f := Fault{Kind: k.Name}
	text, operation, limited := strings.Cut(item, "@")
	if limited && (!k.limited() || !slices.Contains(k.within(operations), operation)) {
		return f, false
	}
	f.Operation = operation
	parts := strings.Split(text, "/")
	if len(parts) != len(k.Values) {
		return f, false
	}
	for i, v := range k.Values {
		if !v.set(&f, parts[i]) {
			return f, false
		}
	}
	// What happens in every period must fit into it.
	recurs := k.Name == "stall" || k.Name == "error_burst"
	return f, !recurs || f.Duration < f.Period
}

// Format writes those of all that are of the kind, as Parse reads them; "" for none.
func (k Kind) Format(all []Fault) string {
	var items []string
	for _, f := range all {
		if f.Kind != k.Name {
			continue
		}
		var parts []string
		for _, v := range k.Values {
			parts = append(parts, v.get(f))
		}
		item := strings.Join(parts, "/")
		if f.Operation != "" {
			item += "@" + f.Operation
		}
		items = append(items, item)
	}
	return strings.Join(items, ",")
}

// Plant puts those of all that strike operation in front of next. Without any it gives
// next itself.
func Plant(all []Fault, seed uint64, operation string, next http.Handler) http.Handler {
	for _, k := range slices.Backward(Kinds()) {
		for _, f := range all {
			if f.Kind == k.Name && (f.Operation == "" || f.Operation == operation) {
				next = k.Wrap(f, Seed(seed, k.Name+"@"+operation), next)
			}
		}
	}
	return next
}
