package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// What is secret in the variables of OpenTelemetry is in nothing that is said, and nothing is
// written to standard error past the command's log.
func TestSecretsOfCollectorsAreNotSaid(t *testing.T) {
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "who is\n"+r.Header.Get("Authorization")+"?", http.StatusUnauthorized)
	}))
	defer mirror.Close()
	withUser := strings.Replace(mirror.URL, "http://", "http://me:hunter2@", 1)
	for name, variables := range map[string]map[string]string{
		"a collector that repeats them": {headersVariable: "authorization=Bearer%20hunter2"},
		"headers of metrics alone":      {metricsHeadersVariable: "authorization=hunter2"},
		"a bad escape":                  {headersVariable: "authorization=Basic hunter2%zz"},
		"no name":                       {headersVariable: "hunter2"},
		"a resource without a value":    {"OTEL_RESOURCE_ATTRIBUTES": "hunter2"},
		"a user in the address":         {endpointVariable: withUser},
		"a key in the address":          {endpointVariable: mirror.URL + "/?key=hunter2"},
		"a password, and no address":    {endpointVariable: "me:hunter2@127.0.0.1:4318"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{metricsEndpointVariable, headersVariable, metricsHeadersVariable} {
				t.Setenv(variable, "")
			}
			t.Setenv(endpointVariable, mirror.URL)
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			var said []string
			written := ofStandardError(t, func() {
				r := NewRecorder("v1")
				stop := r.Offer("", "v1", func(what string) { said = append(said, what) },
					func(err error) { said = append(said, err.Error()) })
				measured(t, r)
				stop()
			})
			all := strings.Join(said, "|")
			if len(said) == 0 || strings.Contains(all, "hunter2") || strings.Contains(all, "\n") {
				t.Errorf("said %q; want lines without the secret", said)
			}
			if written != "" {
				t.Errorf("written to standard error: %q", written)
			}
		})
	}
}

// ofStandardError is what do writes to standard error.
func ofStandardError(t *testing.T, do func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept := os.Stderr
	os.Stderr = w
	do()
	os.Stderr = kept
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	written, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}
