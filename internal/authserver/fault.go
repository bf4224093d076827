package authserver

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is one fault that is planted in a server, to see whether it is found. As a
// setting it reads
//
//	fault.KIND=VALUE[/VALUE][@OPERATION]
//
// and several of one kind are separated by commas: fault.delay=20ms@token,5ms@revoke.
// Without an operation it strikes every one. A share is from 0 to 1.
//
// Which events a random fault strikes follows from the seed and the event's number
// alone: the n-th request to an operation is struck in every run, or in none.
type Fault struct {
	Kind             string        // name of one of FaultKinds
	Operation        string        // one of operations; "" for every one
	Number           float64       // a share, factor, spread or count, as Kind has it
	Duration, Period time.Duration // as Kind has them
}

// Operations of the public interface.
const (
	authorizeOperation  = "authorize"
	tokenOperation      = "token"
	introspectOperation = "introspect"
	revokeOperation     = "revoke"
	jwksOperation       = "jwks"
	discoveryOperation  = "discovery"
	userinfoOperation   = "userinfo"
	deviceOperation     = "device" // device authorization; a device polls token
)

func operations() []string {
	return []string{authorizeOperation, tokenOperation, introspectOperation, revokeOperation, jwksOperation, discoveryOperation, userinfoOperation, deviceOperation}
}

// FaultKind is a kind of fault that can be planted.
type FaultKind struct {
	Name    string
	Summary string
	values  []faultValue
	// wrap plants the fault in front of an operation. Kinds without it change what
	// the server says or does, and take no operation: see lapses.
	wrap func(Fault, uint64, http.Handler) http.Handler
}

// FaultKinds are all kinds there are. Of several on one operation the first one meets
// the request first.
func FaultKinds() []FaultKind {
	return []FaultKind{
		{"stall", "answers nothing for the first duration at the end of every period", []faultValue{inDuration, inPeriod}, stalling},
		{"stall_once", "answers nothing for the first duration, once, when the second has passed since the start", []faultValue{inDuration, inPeriod}, stallingOnce},
		{"error_burst", "answers 500 for the first duration at the end of every period", []faultValue{inDuration, inPeriod}, bursting},
		{"errors", "answers 500 to a share of requests", []faultValue{share}, failing},
		{"delay", "delays every request", []faultValue{inDuration}, delaying},
		{"delay_lognormal", "delays every request by a log-normal time of this median and this sigma", []faultValue{inDuration, spread}, delayingLogNormally},
		{"delay_every", "delays every n-th request", []faultValue{count, inDuration}, delayingEvery},
		{"slowdown", "takes longer by this factor of its own time: 0.3 is +30 %", []faultValue{factor}, slowing},

		{Name: "inactive", Summary: "introspection calls a share of live tokens inactive", values: []faultValue{share}},
		{Name: "always_active", Summary: "introspection calls a share of all else active", values: []faultValue{share}},
		{Name: "wrong_scope", Summary: "a share of access tokens has a scope that nobody asked for", values: []faultValue{share}},
		{Name: "late_revocation", Summary: "a revoked token stays active for this long", values: []faultValue{inDuration}},
		{Name: "lost_revocation", Summary: "a share of revocations is answered, and not done", values: []faultValue{share}},
		{Name: "revived", Summary: "a revoked token is active again when this has passed", values: []faultValue{inDuration}},
	}
}

// Form is how the kind is written as a setting.
func (k FaultKind) Form() string {
	var forms []string
	for _, v := range k.values {
		forms = append(forms, v.form)
	}
	form := strings.Join(forms, "/")
	if k.wrap != nil {
		form += "[@OPERATION]"
	}
	return form
}

// faultValue is one of the values of a kind.
type faultValue struct {
	form string
	set  func(*Fault, string) bool
	get  func(Fault) string
}

var (
	inDuration = faultValue{"DURATION", func(f *Fault, v string) bool { return setFaultTime(&f.Duration, v) }, func(f Fault) string { return f.Duration.String() }}
	inPeriod   = faultValue{"DURATION", func(f *Fault, v string) bool { return setFaultTime(&f.Period, v) }, func(f Fault) string { return f.Period.String() }}
	share      = numberFrom("SHARE", 0, 1)
	factor     = numberFrom("FACTOR", 0, 100)
	spread     = numberFrom("SIGMA", 0, 4)
	count      = numberFrom("N", 1, 1e9)
)

func setFaultTime(d *time.Duration, text string) bool {
	var err error
	*d, err = time.ParseDuration(text)
	return err == nil && *d > 0 && *d <= time.Hour
}

// numberFrom is a number above least and up to most.
func numberFrom(form string, least, most float64) faultValue {
	return faultValue{form, func(f *Fault, v string) bool {
		var err error
		f.Number, err = strconv.ParseFloat(v, 64)
		whole := form != "N" || f.Number == math.Trunc(f.Number)
		return err == nil && f.Number > least && f.Number <= most && whole
	}, func(f Fault) string { return strconv.FormatFloat(f.Number, 'g', -1, 64) }}
}

// faultSettings are the settings of all kinds.
func faultSettings() []setting {
	var all []setting
	for _, k := range FaultKinds() {
		allowed := k.Form()
		if k.wrap != nil {
			allowed += " with an operation of " + strings.Join(operations(), ", ")
		}
		all = append(all, setting{
			key:     "fault." + k.Name,
			allowed: allowed + ", once for each",
			set: func(s *Settings, text string) bool {
				for _, item := range strings.Split(text, ",") {
					f, ok := k.parse(item)
					again := func(g Fault) bool { return g.Kind == f.Kind && g.Operation == f.Operation }
					if !ok || slices.ContainsFunc(s.Faults, again) {
						return false
					}
					s.Faults = append(s.Faults, f)
				}
				return true
			},
			get: func(s Settings) string {
				var items []string
				for _, f := range s.Faults {
					if f.Kind == k.Name {
						items = append(items, k.format(f))
					}
				}
				return strings.Join(items, ",")
			},
		})
	}
	return append(all, setting{
		key:     "fault.seed",
		allowed: "a whole number",
		set: func(s *Settings, text string) (ok bool) {
			n, err := strconv.ParseUint(text, 10, 64)
			s.FaultSeed = n
			return err == nil
		},
		get: func(s Settings) string {
			if len(s.Faults) == 0 {
				return ""
			}
			return strconv.FormatUint(s.FaultSeed, 10)
		},
	})
}

func (k FaultKind) parse(item string) (Fault, bool) {
	f := Fault{Kind: k.Name}
	text, operation, limited := strings.Cut(item, "@")
	if limited && (k.wrap == nil || !slices.Contains(operations(), operation)) {
		return f, false
	}
	f.Operation = operation
	parts := strings.Split(text, "/")
	if len(parts) != len(k.values) {
		return f, false
	}
	for i, v := range k.values {
		if !v.set(&f, parts[i]) {
			return f, false
		}
	}
	// What happens in every period must fit into it.
	recurs := k.Name == "stall" || k.Name == "error_burst"
	return f, !recurs || f.Duration < f.Period
}

func (k FaultKind) format(f Fault) string {
	var parts []string
	for _, v := range k.values {
		parts = append(parts, v.get(f))
	}
	text := strings.Join(parts, "/")
	if f.Operation != "" {
		text += "@" + f.Operation
	}
	return text
}

// plant puts the faults of operation in front of next. Without any it gives next itself.
func (s Settings) plant(operation string, next http.Handler) http.Handler {
	for _, k := range slices.Backward(FaultKinds()) {
		for _, f := range s.Faults {
			if f.Kind == k.Name && k.wrap != nil && (f.Operation == "" || f.Operation == operation) {
				next = k.wrap(f, faultSeed(s.FaultSeed, k.Name+"@"+operation), next)
			}
		}
	}
	return next
}
