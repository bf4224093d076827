package engine

import (
	"strings"
	"testing"
)

func TestStreamError(t *testing.T) {
	if err := streamError(strings.NewReader(`{"status":"Pulling"}` + "\n" + `{"status":"Done"}`)); err != nil {
		t.Errorf("streamError = %v; want none", err)
	}
	const failed = `{"status":"Pulling"}` + "\n" +
		`{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}`
	if err := streamError(strings.NewReader(failed)); err == nil || err.Error() != "manifest unknown" {
		t.Errorf("streamError = %v; want the error in the stream", err)
	}
	if err := streamError(strings.NewReader("{")); err == nil {
		t.Error("a stream that breaks off is no error")
	}
}

func TestQualify(t *testing.T) {
	t.Setenv(prefixVariable, "")
	tests := []struct{ prefix, image, want string }{
		{"", "postgres:15", "postgres:15"},
		{"mirror.example/hub", "postgres:15", "mirror.example/hub/postgres:15"},
		{"mirror.example", "oryd/hydra:v2.3.0", "mirror.example/oryd/hydra:v2.3.0"},
		// images that name their registry stay
		{"mirror.example", "ghcr.example/ory/hydra:v2.3.0", "ghcr.example/ory/hydra:v2.3.0"},
		{"mirror.example", "localhost/oauthbench/reference:1", "localhost/oauthbench/reference:1"},
	}
	for _, tt := range tests {
		if got := Qualify(tt.prefix, tt.image); got != tt.want {
			t.Errorf("Qualify(%q, %q) = %q; want %q", tt.prefix, tt.image, got, tt.want)
		}
	}
}

// An image that no registry has is made, not pulled; of a mirror it may be.
func TestImagesOfOurOwnAreMade(t *testing.T) {
	for reference, made := range map[string]bool{
		"oauthbench/spring:7.0.2": true, "mirror.example/oauthbench/spring:7.0.2": false, "oryd/hydra:v2.3.0": false,
		"localhost/oauthbench/reference:1": false,
	} {
		if got := madeBy(reference); (got != "") != made || made &&
			!strings.Contains(got, ".ci/images/build.sh "+reference) {
			t.Errorf("%s: %q; want that it is made: %v", reference, got, made)
		}
	}
	err := &MissingImage{Images: []string{"oauthbench/spring:7.0.2"}, Made: madeBy("oauthbench/spring:7.0.2")}
	if text := err.Error(); strings.Contains(text, "docker pull") || strings.Contains(text, "--registry") {
		t.Errorf("%q; want no cure that cannot work", text)
	}
}
