package oauth

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// secretParams are the parameters of requests that nobody else may know.
var secretParams = []string{
	"client_secret", "client_assertion", "assertion", "token", "refresh_token", "code", "code_verifier", "device_code",
	"subject_token", "actor_token",
}

// Secrets are what a request holds that must not be shown, in the forms in which a server
// may say it again: as they are, encoded, and whole headers.
func (r Request) Secrets() []string {
	var all []string
	add := func(s string) {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s),
			base64.StdEncoding.EncodeToString([]byte(s))} {
			if form != "" && !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	if form, err := url.ParseQuery(string(r.Body)); err == nil {
		for _, name := range secretParams {
			for _, value := range form[name] {
				add(value)
			}
		}
	}
	for _, name := range []string{"Authorization", "DPoP"} {
		for _, value := range r.Header[name] {
			scheme, rest, found := strings.Cut(value, " ")
			if !found {
				add(scheme)
				continue
			}
			add(rest)
			if pair, err := base64.StdEncoding.DecodeString(rest); err == nil {
				_, secret, _ := strings.Cut(string(pair), ":")
				add(secret)
				if plain, err := url.QueryUnescape(secret); err == nil {
					add(plain)
				}
			}
		}
	}
	// The longest first, so that no piece of one is left.
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}
