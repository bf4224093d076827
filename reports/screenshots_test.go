package reports

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/oauthbench/oauthbench/internal/browsertest"
	"github.com/oauthbench/oauthbench/reports/internal/fixture"
)

// screens are the pictures of the first screen in docs.
var screens = []struct {
	file   string
	page   func(*testing.T) []byte
	screen browsertest.Screen
}{
	{"report-light.png", decidedPage, browsertest.Screen{Width: 1280, Height: 800}},
	{"report-dark.png", decidedPage, browsertest.Screen{Width: 1280, Height: 800, Dark: true}},
	{"report-phone.png", decidedPage, browsertest.Screen{Width: 390, Height: 844, Phone: true}},
	{"report-releases.png", func(t *testing.T) []byte {
		return releasesHTML(t, fixture.UsualReleases())
	}, browsertest.Screen{Width: 1280, Height: 900}},
}

func decidedPage(t *testing.T) []byte { return write(t, "html", fixture.DecidedReport()) }

// TestScreenshots keeps the pictures in docs: with -update it takes them anew, else it
// looks whether they are there and small. Fonts differ between machines, so their
// points are not compared.
func TestScreenshots(t *testing.T) {
	const largest = 200_000 // bytes
	if *update {
		b := browsertest.Start(t)
		for _, s := range screens {
			p := openFile(t, b, s.page(t), s.screen)
			if err := os.WriteFile(filepath.Join("..", "docs", s.file), compressed(t, p.Screenshot()),
				0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range screens {
		picture, err := os.ReadFile(filepath.Join("..", "docs", s.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if len(picture) > largest {
			t.Errorf("%s: %d bytes; want at most %d", s.file, len(picture), largest)
		}
		size, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || size.Width != s.screen.Width || size.Height != s.screen.Height {
			t.Errorf("%s: %d by %d, %v; want %d by %d", s.file, size.Width, size.Height, err, s.screen.Width,
				s.screen.Height)
		}
	}
}

func compressed(t *testing.T, picture []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
