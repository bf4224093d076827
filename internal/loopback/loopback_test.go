package loopback

import (
	"io"
	"net/http"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestRun(t *testing.T) {
	resp, err := http.Get(Run(t))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != Answer || resp.StatusCode != http.StatusOK {
		t.Errorf("%s, %q, %v; want %q", resp.Status, body, err, Answer)
	}
}
