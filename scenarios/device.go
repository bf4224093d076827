package scenarios

import (
	"context"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/generator"
	"github.com/oauthbench/oauthbench/internal/oauth"
)

var device = Scenario{
	Name:       "device",
	Summary:    "device authorization requests, and polls for devices that their users have agreed to or not yet",
	Source:     "RFC 8628",
	Operations: []Operation{{"device", 0.5}, {"device-poll", 0.5}},
	Held:       true,
	Needs:      []oauth.Capability{oauth.GrantDeviceCode},
	Parameters: []string{ClientAuthKey, ScopeKey, ClientsKey, SubjectsKey},
	Checks: []Check{
		{"device_code, user_code, verification_uri and expires_in of every answer, and that no code comes twice",
			"codes that can be guessed"},
		{"a poll is answered with authorization_pending or slow_down before the user agreed, with tokens after",
			"whether another client's poll, or one after the end of the code, is refused"},
		issuedCheck,
	},
	Open: openDevice,
}

type deviceSource struct {
	target   Target
	approver DeviceApprover
	inspect  *inspector
	token    string // endpoint
	begin    string // endpoint
	clients  []client
}

func openDevice(ctx context.Context, t Target) (Source, error) {
	t.Parameters.DPoP = false
	s := &deviceSource{target: t}
	var ok bool
	if s.approver, ok = t.Server.(DeviceApprover); !ok {
		return nil, errNoUser
	}
	e := t.Server.Endpoints()
	var err error
	if s.token, err = endpoint(e.Token, "token"); err != nil {
		return nil, err
	}
	if s.begin, err = endpoint(e.DeviceAuthorization, "device authorization"); err != nil {
		return nil, err
	}
	if s.inspect, err = t.inspector(ctx); err != nil {
		return nil, err
	}
	s.clients, err = t.clients(ctx, "device", func(spec *oauth.ClientSpec) {
		spec.GrantTypes = []string{string(oauth.GrantDeviceCode)}
	})
	return s, err
}

func (s *deviceSource) Notes() []string { return s.inspect.notes() }

// approvedEvery is how many polls there are for one whose user has agreed: devices
// poll several times while somebody types.
const approvedEvery = 4

// Prepare takes turns: a device authorization request, then a poll for another device.
// Every poll has a device of its own, so that none comes too soon after another
// (RFC 8628 section 3.5).
func (s *deviceSource) Prepare(ctx context.Context, ask Ask) (generator.Workload, error) {
	l := &deviceLoad{arrivals: heldArrivals(ask), source: s, by: make([]client, ask.Count), codes: map[string]bool{},
		sample: newSample(s.inspect, ask.Seed)}
	err := l.encode(ctx, s.target, nil, func(i int) (*oauth.Request, error) {
		c := s.clients[i/2%len(s.clients)]
		l.by[i] = c
		if i%2 == 0 {
			l.rules[i] = ruleOf("device", kindNothing, stateFresh)
			r := oauth.DeviceAuthorization(s.begin, c.Credential, s.target.Scope)
			return &r, nil
		}
		d, err := s.start(ctx, c)
		if err != nil {
			return nil, err
		}
		l.rules[i] = ruleOf("device-poll", kindDeviceCode, statePending)
		if err := l.goodFor("device codes", time.Duration(d.ExpiresIn)*time.Second, ask.span()); err != nil {
			return nil, err
		}
		if i/2%approvedEvery == 0 {
			l.rules[i] = ruleOf("device-poll", kindDeviceCode, stateApproved)
			if err := s.target.wait(ctx); err != nil {
				return nil, err
			}
			err = s.approver.ApproveDevice(ctx,
				oauth.DeviceApproval{UserCode: d.UserCode, Subject: s.subject(i), Scope: s.target.Scope})
		}
		r := oauth.DeviceToken(s.token, c.Credential, d.DeviceCode)
		return &r, err
	})
	return l, err
}

// subject is the user who agrees to the device of an arrival.
func (s *deviceSource) subject(i int) string {
	return subjectOf(int64(i/2) % int64(s.target.Parameters.Subjects))
}

func (s *deviceSource) start(ctx context.Context, c client) (oauth.Device, error) {
	body, err := s.target.ask(ctx, oauth.DeviceAuthorization(s.begin, c.Credential, s.target.Scope))
	if err != nil {
		return oauth.Device{}, err
	}
	return oauth.ParseDevice(body)
}

type deviceLoad struct {
	arrivals
	source *deviceSource
	by     []client
	codes  map[string]bool // device and user codes that were given out
	sample *sample
}

func (l *deviceLoad) Check(i int, r *vegeta.Result) bench.Answer {
	if l.Operation(i) == "device" {
		return l.begun(i, r)
	}
	t, answer := l.judgeTokens(i, r, l.source.target.Scope, false)
	if answer.Outcome == bench.OK && t.AccessToken != "" {
		l.sample.keep(issuedAt(i, r, t, l.by[i].ClientID, l.source.subject(i), ""))
	}
	return answer
}

func (l *deviceLoad) begun(i int, r *vegeta.Result) bench.Answer {
	if r.Code != http.StatusOK {
		return l.refusal(i, r)
	}
	d, err := oauth.ParseDevice(r.Body)
	switch {
	case err != nil:
		return l.unreadable(i, r, err)
	case l.codes[d.DeviceCode] || l.codes[d.UserCode]:
		return wrong("code that another device was given")
	}
	l.codes[d.DeviceCode], l.codes[d.UserCode] = true, true
	return bench.Answer{}
}

func (l *deviceLoad) Verify(ctx context.Context) ([]generator.Finding, error) {
	return l.sample.verify(ctx)
}
