// Package browsertest opens pages in a headless Chromium, for tests. It knows nothing
// of what the pages show.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// names are what Chromium is called, in the order of preference.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"}

// patience is how long a page may take for anything, on a machine that does other
// things too. It is a limit against hanging, nothing is measured by it.
const patience = 30 * time.Second

// Browser is one running browser.
type Browser struct{ ctx context.Context }

// Start starts a browser that ends with the test. Without one on this machine the test
// is skipped, or fails when OAUTHBENCH_REQUIRE_BROWSER=1.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		text := "no browser found: " + strings.Join(names, ", ")
		if os.Getenv("OAUTHBENCH_REQUIRE_BROWSER") == "1" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	// Chromium leaves a folder behind. The path is a short one, for there is a socket in it.
	temp, err := os.MkdirTemp("", "browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) }) // after the browser has ended
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Env("TMPDIR="+temp),
		chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // root has none
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx}
}

// Screen is how a page is looked at. The zero value is a light window of 1280 by 900.
type Screen struct {
	Width, Height int // CSS pixels
	Dark          bool
	NoScript      bool
	Offline       bool // no network, not even loopback
	Phone         bool // a touch screen
}

// Page is one open page and what it did. It must be used by one goroutine.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
}

// Open loads a page and waits until it is loaded. What the page asks for and complains
// about is kept from its beginning on.
func (b *Browser) Open(t testing.TB, url string, s Screen) *Page {
	t.Helper()
	tab, closeTab := chromedp.NewContext(b.ctx)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, patience)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	if s.Width == 0 {
		s.Width, s.Height = 1280, 900
	}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	p.must(chromedp.Do(tab)) // the tab lives as long as its first context
	p.must(chromedp.Listen(ctx, p.hear))
	p.Do(
		call("Network.enable", nil), call("Log.enable", nil), call("Runtime.enable", nil),
		call("Network.emulateNetworkConditions",
			map[string]any{"offline": s.Offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}),
		call("Emulation.setDeviceMetricsOverride",
			map[string]any{"width": s.Width, "height": s.Height, "deviceScaleFactor": 1, "mobile": s.Phone}),
		call("Emulation.setEmulatedMedia",
			map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}),
		call("Emulation.setScriptExecutionDisabled", map[string]any{"value": s.NoScript}),
		call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}),
		chromedp.Navigate(url),
	)
	return p
}

// call is a command of the protocol (https://chromedevtools.github.io/devtools-protocol/).
func call(method string, params map[string]any) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if err := t.Call(ctx, method, params, nil); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		return nil
	})
}

func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if kind := string(e.Type); kind == "error" || kind == "warning" || kind == "assert" {
			p.errors = append(p.errors, fmt.Sprintf("console: %v", e.Args))
		}
	case *log.EventEntryAdded:
		if level := string(e.Entry.Level); level == "error" || level == "warning" {
			p.errors = append(p.errors, e.Entry.Text)
		}
	}
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func (p *Page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Do performs actions.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, actions...))
}

// Eval is the value of an expression.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// Text is the value of an expression that is a string.
func (p *Page) Text(expression string) string {
	p.t.Helper()
	return Eval[string](p, expression)
}

// True tells whether an expression is true.
func (p *Page) True(expression string) bool {
	p.t.Helper()
	return Eval[bool](p, "!!("+expression+")")
}

// Wait returns when an expression has become true.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx,
		chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingInterval(20*time.Millisecond),
			chromedp.WithPollingTimeout(patience))); err != nil {
		p.t.Fatalf("browser: waiting for %s: %v", expression, err)
	}
}

// Requests are the addresses that the page has asked for.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Errors are uncaught exceptions, and errors and warnings of the console.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

// Screenshot is what is on the screen, as PNG.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must(err)
	return png
}

// Print shows the page as paper does.
func (p *Page) Print() {
	p.t.Helper()
	p.Do(call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}))
}

// PDF is the page, printed.
func (p *Page) PDF() []byte {
	p.t.Helper()
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	p.must(err)
	return pdf
}
