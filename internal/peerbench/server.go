package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oauthbench/oauthbench/internal/loopback"
)

// serverPart is the argument that makes this program the server under load.
const serverPart = "server-part"

// script is how the scripted server behaves. The zero value answers at once.
type script struct {
	Delays string        `json:"delays"` // name of a distribution of delays, "" for none
	Stall  time.Duration `json:"stall"`  // nothing is answered for so long
	After  time.Duration `json:"after"`  // the first request
	Seed   uint64        `json:"seed"`
	Large  bool          `json:"large"` // answers have 4 KB
}

// request is the server's own account of one request.
type request struct {
	Number     int           `json:"n"` // as the contestant numbered it, -1 if it did not
	Start, End int64         // unix nanoseconds: when it was read, and when its answer left
	Delay      time.Duration // that the script asked for
}

// account is what the server says of the requests since its last script.
type account struct {
	StallBegan, StallEnded int64 // unix nanoseconds, 0 without a stall
	Requests               []request
}

// newScripted is the server under load. A PUT to /script begins a new script, a GET of
// /account tells what happened since.
func newScripted() http.Handler {
	s := &scripted{}
	mux := http.NewServeMux()
	mux.HandleFunc("/", loopback.Trivial)
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { say(w, largeAnswer) })
	mux.HandleFunc("/scripted", s.answer)
	mux.HandleFunc("GET /secure", func(w http.ResponseWriter, _ *http.Request) {
		url, err := s.secure(mux)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, url) // the reader notices half a URL
	})
	mux.HandleFunc("PUT /script", s.begin)
	mux.HandleFunc("GET /account", s.tell)
	return mux
}

// scripted is the server whose delays are known in advance, and which writes down
// what it did. Safe for concurrent use.
type scripted struct {
	mu      sync.Mutex
	script  script
	delays  []time.Duration
	account account
	url     string // of the TLS listener; "" before it is asked for
}

// largeAnswer is as long as an answer with JWTs.
var largeAnswer = `{"active":true,"padding":"` + strings.Repeat("x", 4096-28) + `"}`

// say answers with a text.
func say(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = io.WriteString(w, text) // a client that is gone counts for itself
}

// secure serves the same over TLS, with HTTP/1.1 and HTTP/2, until the process ends.
func (s *scripted) secure(h http.Handler) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url != "" {
		return s.url, nil
	}
	certificate, err := selfSigned()
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		ErrorLog: log.New(io.Discard, "", 0)} // clients that go away
	go func() { _ = server.ServeTLS(l, "", "") }() // until the process ends
	s.url = "https://" + l.Addr().String()
	return s.url, nil
}

// selfSigned is a certificate of this process for itself.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (s *scripted) begin(w http.ResponseWriter, r *http.Request) {
	var next script
	if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	delays, err := draw(next.Delays, next.Seed)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.delays, s.account = next, delays, account{}
}

func (s *scripted) tell(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s.account) // the reader notices half an account
}

func (s *scripted) answer(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	number, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		number = -1
	}
	s.mu.Lock()
	if len(s.account.Requests) == 0 && s.script.Stall > 0 {
		s.account.StallBegan = start.Add(s.script.After).UnixNano()
		s.account.StallEnded = start.Add(s.script.After + s.script.Stall).UnixNano()
	}
	k := len(s.account.Requests)
	delay, large := s.delays[k%len(s.delays)], s.script.Large
	s.account.Requests = append(s.account.Requests, request{Number: number, Start: start.UnixNano(), Delay: delay})
	until := start.Add(delay)
	if now := start.UnixNano(); now >= s.account.StallBegan && now < s.account.StallEnded {
		until = time.Unix(0, s.account.StallEnded).Add(delay)
	}
	s.mu.Unlock()

	time.Sleep(time.Until(until))
	text := loopback.Answer
	if large {
		text = largeAnswer
	}
	say(w, text)
	// Before it leaves: whom the answer wakes may run before this goroutine does again.
	end := time.Now().UnixNano()
	_ = http.NewResponseController(w).Flush() // a client that is gone counts for itself
	s.mu.Lock()
	if k < len(s.account.Requests) { // no new script began meanwhile
		s.account.Requests[k].End = end
	}
	s.mu.Unlock()
}
