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
