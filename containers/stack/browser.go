package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Browser goes where it is sent, one step at a time. It sends all its cookies
// everywhere, also those that are for TLS only: all is on 127.0.0.1.
type Browser struct {
	client  *http.Client
	cookies map[string]string
	instead map[string]string // hosts, where a server's issuer is not its address
}

// Follow does one GET and returns where it redirects to.
func (b *Browser) Follow(ctx context.Context, address string) (*url.URL, error) {
	to, _, err := b.visit(ctx, http.MethodGet, address, nil)
	return to, err
}

// Submit posts a form and returns where the answer redirects to.
func (b *Browser) Submit(ctx context.Context, address string, form url.Values) (*url.URL, error) {
	to, _, err := b.visit(ctx, http.MethodPost, address, form)
	return to, err
}

// mostSteps is how often a user is sent somewhere or asked something on the way to a code.
const mostSteps = 16

// Play plays a user: it opens an address, goes wherever it is sent, and fills in each form with
// its hidden fields and what answer gives for the page, nil for nothing. It returns where it
// is sent by the server to another, or the address of a page that it has no answer to.
func (b *Browser) Play(ctx context.Context, address string, answer func(page string) url.Values) (*url.URL, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	home, method := at.Host, http.MethodGet
	var form url.Values
	for range mostSteps {
		to, page, err := b.visit(ctx, method, at.String(), form)
		if to != nil {
			_, same := b.instead[to.Host]
			for _, host := range b.instead {
				same = same || to.Host == host
			}
			if to.Host != home && !same {
				return to, nil
			}
			at, method, form = to, http.MethodGet, nil
			continue
		}
		var none *noRedirection
		if !errors.As(err, &none) || !strings.HasPrefix(none.status, "2") {
			return nil, err
		}
		given := answer(page)
		if given == nil {
			return at, nil
		}
		if at, form, err = fillIn(page, at, given); err != nil {
			return nil, err
		}
		method = http.MethodPost
	}
	return nil, fmt.Errorf("%s asks its user again and again", at.Redacted())
}

var (
	formElement = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputTag    = regexp.MustCompile(`(?is)<input\b[^>]*>`)
	attribute   = regexp.MustCompile(`(?is)\b(action|type|name|value)\s*=\s*"([^"]*)"`)
)

// attributes are those of a tag.
func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, a := range attribute.FindAllStringSubmatch(tag, -1) {
		all[strings.ToLower(a[1])] = html.UnescapeString(a[2])
	}
	return all
}

// fillIn is where the first form of a page goes, and what it sends.
func fillIn(page string, at *url.URL, given url.Values) (to *url.URL, form url.Values, err error) {
	found := formElement.FindStringSubmatch(page)
	if found == nil {
		return nil, nil, fmt.Errorf("the page of %s has no form", at.Path)
	}
	form = url.Values{}
	for _, tag := range inputTag.FindAllString(found[2], -1) {
		if a := attributes(tag); strings.EqualFold(a["type"], "hidden") {
			form.Set(a["name"], a["value"])
		}
	}
	maps.Copy(form, given)
	to, err = at.Parse(attributes(found[1])["action"])
	return to, form, err
}

// visit returns where an answer redirects to, or its page with an error that says so.
func (b *Browser) visit(ctx context.Context, method, address string, form url.Values) (to *url.URL, page string,
	err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	if host, ok := b.instead[req.URL.Host]; ok {
		req.URL.Host, req.Host = host, host
	}
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := b.client.Transport.RoundTrip(req) // below the client, which would follow by itself
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if to, err = resp.Location(); err == nil {
		return to, "", nil
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, "", err
	}
	return nil, string(text), &noRedirection{req.URL.Host + req.URL.Path, resp.Status}
}

// Gone tells a refusal, or an answer that redirects nowhere, from a server that cannot be asked, or says so itself
// (503): the former say that a thing is not good any more, and are no error. A server that fails on it (500) says so
// too.
func Gone(err error) error {
	var none *noRedirection
	var refused *Refusal
	if errors.As(err, &none) || errors.As(err, &refused) && refused.Status != http.StatusServiceUnavailable {
		return nil
	}
	return err
}

// noRedirection is the error of an answer that redirects nowhere.
type noRedirection struct{ address, status string }

func (e *noRedirection) Error() string {
	return fmt.Sprintf("%s answered %s, not a redirection", e.address, e.status)
}

// Cookies are the browser's cookies as a request has them in its header.
func (b *Browser) Cookies() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		all = append(all, name+"="+b.cookies[name])
	}
	return strings.Join(all, "; ")
}

// Jar are the browser's cookies as text, and Wear takes them.
func (b *Browser) Jar() string {
	text, _ := json.Marshal(b.cookies) // strings alone: it cannot fail
	return string(text)
}

// Wear gives the browser the cookies of another.
func (b *Browser) Wear(jar string) error { return json.Unmarshal([]byte(jar), &b.cookies) }
