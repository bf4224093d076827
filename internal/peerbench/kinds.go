package main

import (
	"crypto/tls"
	"net/http"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/oauthbench/oauthbench/internal/oauth"
)

// kind is a kind of exchange that is measured.
type kind struct {
	name      string
	large     bool // Answers have 4 KB, as those with JWTs have.
	tls       bool
	http2     bool // Ours speaks it by net/http alone.
	assertion bool // Each request has an assertion of its own (private_key_jwt).
	proof     bool // Each request has a proof of its own (DPoP).
}

// kinds are all of them. The first is the one that the limits of cost are for.
var kinds = []kind{
	{name: "HTTP/1.1"},
	{name: "4 KB answers", large: true},
	{name: "TLS", tls: true},
	{name: "HTTP/2", tls: true, http2: true},
	{name: "private_key_jwt", assertion: true},
	{name: "DPoP", proof: true},
}

// kindOf is the kind of that name; "" is the first.
func kindOf(name string) kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return kinds[0]
}

// anyCertificate is for a server whose certificate nobody signed.
var anyCertificate = &tls.Config{InsecureSkipVerify: true}

// requests are what a contestant sends.
type requests struct {
	task
	made []oauth.Request // one for each send, signed; nil where all are alike
}

// introspection is the request that everybody sends, unless each has one of its own.
var (
	header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	body   = []byte("token=0123456789012345678901234567890123456789")
)

// prepare makes the requests of a task. Signing is no part of what a request costs on the clock,
// neither ours nor anybody's.
func (t task) prepare() (requests, error) {
	k := kindOf(t.Kind)
	all := requests{task: t}
	if !k.assertion && !k.proof {
		return all, nil
	}
	key, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		return all, err
	}
	credential := oauth.Credential{Method: oauth.AuthBasic, ClientID: "client-1", Secret: "secret"}
	if k.assertion {
		credential = oauth.Credential{Method: oauth.AuthPrivateKeyJWT, ClientID: "client-1", Key: key, Audience: t.URL}
	}
	for range int(t.Rate*t.Length.Seconds()) + 1 {
		one := oauth.ClientCredentials(t.URL, credential, "bench")
		if k.proof {
			if one, err = one.WithProof(key, time.Now(), ""); err != nil {
				return all, err
			}
		}
		all.made = append(all.made, one)
	}
	return all, nil
}

// fill makes a target of the i-th request.
func (r requests) fill(i int, target *vegeta.Target) {
	target.Method, target.URL, target.Header, target.Body = http.MethodPost, r.URL, header, body
	if r.made != nil {
		one := r.made[i%len(r.made)]
		target.Header, target.Body = one.Header, one.Body
	}
	if r.Numbered {
		target.URL += "?n=" + strconv.Itoa(i)
	}
}

// alike tells whether all requests are the same.
func (r requests) alike() bool { return r.made == nil && !r.Numbered }
