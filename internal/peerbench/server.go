package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"oauthbench/internal/loopback"
)

// serverPart is the argument that makes this program the server under load.
const serverPart = "server-part"

// script is how the scripted server behaves. The zero value answers at once.
type script struct {
	Delays string        `json:"delays"` // name of a distribution of delays, "" for none
	Stall  time.Duration `json:"stall"`  // nothing is answered for so long
	After  time.Duration `json:"after"`  // the first request
	Seed   uint64        `json:"seed"`
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
	mux.HandleFunc("/scripted", s.answer)
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
	delay := s.delays[k%len(s.delays)]
	s.account.Requests = append(s.account.Requests, request{Number: number, Start: start.UnixNano(), Delay: delay})
	until := start.Add(delay)
	if now := start.UnixNano(); now >= s.account.StallBegan && now < s.account.StallEnded {
		until = time.Unix(0, s.account.StallEnded).Add(delay)
	}
	s.mu.Unlock()

	time.Sleep(time.Until(until))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(loopback.Answer)))
	_, _ = io.WriteString(w, loopback.Answer)
	// Before it leaves: whom the answer wakes may run before this goroutine does again.
	end := time.Now().UnixNano()
	_ = http.NewResponseController(w).Flush() // a client that is gone counts for itself
	s.mu.Lock()
	if k < len(s.account.Requests) { // no new script began meanwhile
		s.account.Requests[k].End = end
	}
	s.mu.Unlock()
}
