// Package hashing measures how fast a machine checks client secrets: it is the one share of what
// requests cost that is known to move from a machine to another in proportion to a rate that can be
// measured on both. It knows the hashes of servers that are written in Go, which hash as this
// program does.
package hashing

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/oauthbench/oauthbench/bench/host"
	"github.com/oauthbench/oauthbench/internal/inputfile"
	"github.com/oauthbench/oauthbench/internal/terminal"
)

// Machine is how fast one core of a machine hashes.
type Machine struct {
	CPU    string `json:"cpu"`
	Arch   string `json:"arch"`
	Cores  int    `json:"cores"`
	Hashes []Hash `json:"hashes"`
}

// Hash is one way to hash, with its cost and how long one core takes for it.
type Hash struct {
	Name string        `json:"hasher"` // Name is that of the settings of servers.
	Cost int           `json:"cost"`   // Cost is log2 of the rounds of BCrypt, or the rounds of PBKDF2.
	Took time.Duration `json:"took_ns"`
}

// PerSecond is how many of them one core does.
func (h Hash) PerSecond() float64 { return 1 / h.Took.Seconds() }

// The names of hashes.
const (
	BCrypt = "bcrypt"
	PBKDF2 = "pbkdf2"
)

// hasher can do one kind of hash.
type hasher struct {
	name string
	cost int // cost is what is measured; others are known from it.
	hash func(cost int) error
	// times is how many times as long another cost takes.
	times func(measured, other int) float64
}

var secret = []byte("a secret of a client, as long as these are")

// hashers are all kinds there are.
var hashers = []hasher{
	{BCrypt, 10, func(cost int) error {
		_, err := bcrypt.GenerateFromPassword(secret, cost)
		return err
	}, func(measured, other int) float64 {
		if other > measured {
			return float64(uint64(1) << (other - measured))
		}
		return 1 / float64(uint64(1)<<(measured-other))
	}},
	{PBKDF2, 25_000, func(rounds int) error {
		_, err := pbkdf2.Key(sha256.New, string(secret), secret[:16], rounds, sha256.Size)
		return err
	}, func(measured, other int) float64 { return float64(other) / float64(measured) }},
}

// mostBCrypt is the largest cost that BCrypt has.
const mostBCrypt = bcrypt.MaxCost

// batches are how often a hash is measured, each for so long at least. The fastest counts: other
// programs make a hash slower, and nothing makes it faster.
const (
	batches    = 8
	batchTakes = 150 * time.Millisecond
)

// Measure measures this machine. It takes about three seconds.
func Measure(ctx context.Context) (Machine, error) {
	e := host.ThisEnvironment()
	m := Machine{CPU: e.CPU, Arch: e.Arch, Cores: e.Cores}
	for _, h := range hashers {
		least := time.Duration(0)
		for range batches {
			if ctx.Err() != nil {
				return m, context.Cause(ctx)
			}
			began, n := time.Now(), 0
			for ; n == 0 || time.Since(began) < batchTakes; n++ {
				if err := h.hash(h.cost); err != nil {
					return m, fmt.Errorf("measure %s: %w", h.name, err)
				}
			}
			if took := time.Since(began) / time.Duration(n); least == 0 || took < least {
				least = took
			}
		}
		m.Hashes = append(m.Hashes, Hash{h.name, h.cost, least})
	}
	return m, nil
}

// Of is a hash as a server's settings name it; false where the machine was not measured for it. BCrypt
// takes twice as long for each step of its cost, PBKDF2 as long as it has rounds.
func (m Machine) Of(name string, cost int) (Hash, bool) {
	for _, known := range hashers {
		if known.name != name || cost < 1 || name == BCrypt && cost > mostBCrypt {
			continue
		}
		for _, h := range m.Hashes {
			if h.Name == name {
				took := float64(h.Took) * known.times(h.Cost, cost)
				return Hash{name, cost, time.Duration(took)}, true
			}
		}
	}
	return Hash{}, false
}

// mostBytes bounds a stored machine.
const mostBytes = 1 << 20

// Read reads a machine that was stored.
func Read(path string) (Machine, error) {
	var m Machine
	data, err := inputfile.Read(path, mostBytes)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s is no machine as oauthbench hashes --format json prints it: %w", path, err)
	}
	if err := m.check(); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// check finds what is wrong with a stored machine.
func (m Machine) check() error {
	if m.Cores < 1 || len(m.Hashes) == 0 {
		return errors.New("it has no cores, or no hashes: make it with oauthbench hashes --format json")
	}
	for _, h := range m.Hashes {
		if h.Took <= 0 || h.Cost < 1 || h.Name == BCrypt && h.Cost > mostBCrypt {
			return fmt.Errorf("%s of cost %d takes %v: that is no hash", h.Name, h.Cost, h.Took)
		}
	}
	return nil
}

// WriteText prints the machine for people.
func (m Machine) WriteText(w io.Writer) error {
	terminal.Fprintf(w, "%s (%s), %d cores; one core hashes\n", m.CPU, m.Arch, m.Cores)
	for _, h := range m.Hashes {
		terminal.Fprintf(w, "  %-6s  cost %-6d  %8.1f/s  %v each\n", h.Name, h.Cost, h.PerSecond(),
			h.Took.Round(10*time.Microsecond))
	}
	return nil
}
