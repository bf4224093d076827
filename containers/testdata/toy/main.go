// Toy is the smallest server and the smallest database that a stack can be made of.
// The tests build it, put it into an image and run it through the seams.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

func main() {
	switch os.Args[1] {
	case "database":
		database(os.Args[2])
	case "server":
		server(os.Args[2], os.Args[3])
	case "fail":
		fmt.Println("toy: " + strings.Join(os.Args[2:], " "))
		os.Exit(3)
	}
}

// database accepts connections and says nothing.
func database(listen string) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		panic(err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		c.Close()
	}
}

// server is an authorization server with clients, opaque tokens and no users.
func server(listen, issuer string) {
	var mu sync.Mutex
	clients, tokens := map[string]string{}, map[string]string{}
	handle := func(path string, h func(w http.ResponseWriter, r *http.Request, client string)) {
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			id, secret, _ := r.BasicAuth()
			if known, ok := clients[id]; !ok || known != secret {
				w.WriteHeader(http.StatusUnauthorized)
				answer(w, map[string]any{"error": "invalid_client"})
				return
			}
			h(w, r, id)
		})
	}
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/die", func(http.ResponseWriter, *http.Request) {
		fmt.Println("toy: panic: told to die")
		os.Exit(3)
	})
	http.HandleFunc("/clients", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		id, secret := rand.Text(), rand.Text()
		clients[id] = secret
		answer(w, map[string]any{"client_id": id, "client_secret": secret})
	})
	handle("/token", func(w http.ResponseWriter, r *http.Request, client string) {
		token := rand.Text()
		tokens[token] = client
		answer(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600,
			"scope": r.FormValue("scope")})
	})
	handle("/introspect", func(w http.ResponseWriter, r *http.Request, client string) {
		_, ok := tokens[r.FormValue("token")]
		answer(w, map[string]any{"active": ok})
	})
	handle("/revoke", func(w http.ResponseWriter, r *http.Request, client string) {
		if tokens[r.FormValue("token")] == client {
			delete(tokens, r.FormValue("token"))
		}
	})
	http.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"keys": []any{}})
	})
	http.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := strings.TrimSuffix(issuer, "/")
		answer(w, map[string]any{"issuer": at, "token_endpoint": at + "/token", "jwks_uri": at + "/jwks"})
	})
	panic(http.ListenAndServe(listen, nil))
}

func answer(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}
