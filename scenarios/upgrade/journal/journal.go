// Package journal keeps what an old server was asked to do after its database was copied: what a new server
// must be asked again. An entry is on the disk, sealed, before its request leaves, so that whatever ends the
// program, no revocation is lost. The package knows no server, and replays nothing itself.
package journal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Act is what a journalled request asks of the old server.
type Act string

// The acts that a copy of the database does not know of, and that must not be lost.
const (
	RevokeToken   Act = "revoke_token"
	RevokeConsent Act = "revoke_consent"
	DeleteClient  Act = "delete_client"
	SetSecret     Act = "set_secret" // of a client
	SetRight      Act = "set_right"  // of a client, in place of another
	Rotate        Act = "rotate"     // which makes the refresh token that was used worthless

	// replayed notes that an earlier entry has been replayed, so that a run that is
	// resumed goes on behind it.
	replayed Act = "replayed"
)

// Entry is one request, as the journal has it before the request leaves.
type Entry struct {
	Number  int       `json:"number"` // from 1, in order
	At      time.Time `json:"at"`
	Act     Act       `json:"act"`
	Client  string    `json:"client,omitempty"`
	Secret  string    `json:"secret,omitempty"` // by which the client proves itself again
	Token   string    `json:"token,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Right   string    `json:"right,omitempty"` // what the client may ask for from then on
	Of      int       `json:"of,omitempty"`    // the number of the entry that was replayed
}

// Journal is what must be replayed on the new server: an append-only file of encrypted
// records, each written and synced before Append returns. It survives the death of the
// process at any byte: what had been appended is read again, and a record that was cut
// off, whose request never left, is dropped. Its methods may be used by any number of
// goroutines.
//
// A record is its length and the checksum of that, a nonce and the entry as JSON, sealed with
// AES-256-GCM. The number of the record is sealed along, so that records can neither be
// left out nor change places.
type Journal struct {
	mu      sync.Mutex
	file    *os.File
	seal    cipher.AEAD
	size    int64 // of the records that are whole
	records int
	all     []Entry // in order
	pending []Entry // not yet replayed, in order
	done    []time.Time
}

// Sizes of a record, in bytes.
const (
	headSize    = 8
	recordLimit = 1 << 20
)

// keySuffix is added to the name of the journal for the file that has its key.
const keySuffix = ".key"

// Open opens the journal in a file, or begins one. Its key is in a file beside
// it that only its owner can read, and is made with it. It fails when a record other
// than the last is damaged, since then revocations are missing.
func Open(path string) (*Journal, error) {
	seal, err := openKey(path + keySuffix)
	if err != nil {
		return nil, fmt.Errorf("key of journal %q: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file, seal: seal}
	if err := j.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %q: %w", path, err), file.Close())
	}
	return j, nil
}

func openKey(path string) (cipher.AEAD, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key)
		err = writeSynced(path, key)
	}
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// writeSynced makes a file that is either whole on the disk or not there.
func writeSynced(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails when it was renamed
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// read takes in the records that are there, and cuts a torn one off.
func (j *Journal) read() error {
	content, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	done := map[int]bool{}
	for rest := content; len(rest) > 0; rest = content[j.size:] {
		entry, n, err := j.decode(rest)
		if errors.Is(err, errTorn) {
			break
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", j.records+1, err)
		}
		j.size += int64(n)
		j.records++
		if entry.Act == replayed {
			done[entry.Of] = true
			j.done = append(j.done, entry.At)
		} else {
			j.all = append(j.all, entry)
		}
	}
	for _, entry := range j.all {
		if !done[entry.Number] {
			j.pending = append(j.pending, entry)
		}
	}
	return j.file.Truncate(j.size)
}

// errTorn says that the last record was not written to its end.
var errTorn = errors.New("record was cut off")

// decode reads the record at the start of content, which goes to the end of the file.
func (j *Journal) decode(content []byte) (entry Entry, n int, err error) {
	if len(content) < headSize || len(bytes.Trim(content, "\x00")) == 0 {
		return entry, 0, errTorn
	}
	length := binary.BigEndian.Uint32(content)
	if crc32.ChecksumIEEE(content[:4]) != binary.BigEndian.Uint32(content[4:]) {
		return entry, 0, errors.New("damaged: its length cannot be right")
	}
	if int64(length) < int64(j.seal.NonceSize()+j.seal.Overhead()) {
		return entry, 0, errors.New("damaged: its length is too short for a sealed entry")
	}
	n = headSize + int(length)
	if n > len(content) {
		return entry, 0, errTorn
	}
	record := content[headSize:n]
	nonce, sealed := record[:j.seal.NonceSize()], record[j.seal.NonceSize():]
	text, err := j.seal.Open(nil, nonce, sealed, j.numbered())
	if err != nil {
		if len(bytes.Trim(content[n:], "\x00")) == 0 {
			return entry, 0, errTorn
		}
		return entry, 0, errors.New("damaged, or sealed by another key")
	}
	return entry, n, json.Unmarshal(text, &entry)
}

// numbered is the number of the next record, which is sealed with it.
func (j *Journal) numbered() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(j.records+1))
}

// Append writes and syncs an entry, whose number it gives. Only then may the request
// leave.
func (j *Journal) Append(entry Entry) (number int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry.Number = j.records + 1
	if err := j.append(entry); err != nil {
		return 0, err
	}
	j.all = append(j.all, entry)
	j.pending = append(j.pending, entry)
	return entry.Number, nil
}

// Replayed notes that an entry needs no replay any more: it was replayed at a time, or at none when
// that was never needed.
func (j *Journal) Replayed(number int, at time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.append(Entry{Number: j.records + 1, At: at, Act: replayed, Of: number}); err != nil {
		return err
	}
	j.done = append(j.done, at)
	for i, entry := range j.pending {
		if entry.Number == number {
			j.pending = append(j.pending[:i], j.pending[i+1:]...)
			break
		}
	}
	return nil
}

func (j *Journal) append(entry Entry) error {
	text, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	nonce := make([]byte, j.seal.NonceSize())
	rand.Read(nonce)
	record := j.seal.Seal(nonce, nonce, text, j.numbered())
	if len(record) > recordLimit {
		return fmt.Errorf("journal: entry of %d bytes is too long", len(text))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(record)))
	head = binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head))
	record = append(head, record...)
	if _, err := j.file.WriteAt(record, j.size); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.size += int64(len(record))
	j.records++
	return nil
}

// Pending are the entries that have not been replayed, in order.
func (j *Journal) Pending() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Entry(nil), j.pending...)
}

// Entries are all entries, replayed or not, in order.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Entry(nil), j.all...)
}

// Times are when entries were written, and when they were replayed.
func (j *Journal) Times() (written, replayed []time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, entry := range j.all {
		written = append(written, entry.At)
	}
	for _, at := range j.done {
		if !at.IsZero() {
			replayed = append(replayed, at)
		}
	}
	return written, replayed
}

// Close closes the file; what is in it stays.
func (j *Journal) Close() error { return j.file.Close() }

// WriteSealed writes a file that is sealed with the journal's key; it is whole on the disk
// or as it was.
func (j *Journal) WriteSealed(path string, content []byte) error {
	nonce := make([]byte, j.seal.NonceSize())
	rand.Read(nonce)
	return writeSynced(path, j.seal.Seal(nonce, nonce, content, []byte(filepath.Base(path))))
}

// ReadSealed reads it.
func (j *Journal) ReadSealed(path string) ([]byte, error) {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(sealed) < j.seal.NonceSize() {
		return nil, fmt.Errorf("%s was cut off", path)
	}
	nonce, sealed := sealed[:j.seal.NonceSize()], sealed[j.seal.NonceSize():]
	content, err := j.seal.Open(nil, nonce, sealed, []byte(filepath.Base(path)))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged, or sealed by another key", path)
	}
	return content, nil
}

// ChangesClient tells whether an act changes a client, so that what it asked for before must be done before, and what
// it asked for later, later.
func (a Act) ChangesClient() bool { return a == DeleteClient || a == SetSecret || a == SetRight }
