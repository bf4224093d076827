package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func openJournal(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func numbers(entries []Entry) (all []int) {
	for _, e := range entries {
		all = append(all, e.Number)
	}
	return all
}

// written is a journal of four entries of which the second was replayed, and the sizes
// that its file had after each record.
func written(t *testing.T, path string) (sizes []int64) {
	t.Helper()
	j := openJournal(t, path)
	for i := range 4 {
		token := fmt.Sprintf("token-of-entry-%d", i)
		n, err := j.Append(Entry{At: time.Unix(1, 0).UTC(), Act: RevokeToken, Client: "c", Secret: "the-secret",
			Token: token})
		if err != nil || n != i+1 {
			t.Fatalf("append = %d, %v; want %d", n, err, i+1)
		}
		sizes = append(sizes, j.size)
	}
	if err := j.Replayed(2, time.Unix(2, 0)); err != nil {
		t.Fatal(err)
	}
	return append(sizes, j.size)
}

// However much of the last record is on the disk, what was appended before is there, and
// the journal goes on behind it.
func TestJournalSurvivesACutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal")
	sizes := written(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		var want []int
		for i, size := range sizes[:4] {
			replayed := i == 1 && int64(cut) >= sizes[4]
			if int64(cut) >= size && !replayed {
				want = append(want, i+1)
			}
		}
		j := openJournal(t, path)
		if got := numbers(j.Pending()); !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d: pending %v; want %v", cut, got, want)
		}
		next, err := j.Append(Entry{Act: RevokeConsent, Subject: "alice"})
		if err != nil {
			t.Fatal(err)
		}
		again := openJournal(t, path)
		if got := numbers(again.Pending()); !reflect.DeepEqual(got, append(want, next)) {
			t.Fatalf("cut at %d, appended %d: pending %v; want %v", cut, next, got, append(want, next))
		}
		j.Close()
		again.Close()
	}
}

// Zeros at the end are what a file system leaves of a write that a crash has cut off.
func TestJournalSurvivesZeros(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	written(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, make([]byte, 100)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := numbers(openJournal(t, path).Pending()); !reflect.DeepEqual(got, []int{1, 3, 4}) {
		t.Errorf("pending = %v; want 1, 3 and 4", got)
	}
}

// A byte that is wrong before the last record is never read over.
func TestJournalTellsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	sizes := written(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int(sizes[3]) {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0xff
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if j, err := Open(path); err == nil {
			t.Fatalf("byte %d of %d is wrong: opened with %v; want an error", i, len(whole), numbers(j.Pending()))
		}
	}
}

// A length that no sealed entry can have is damage, whatever its checksum says.
func TestJournalRefusesShortRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	written(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const least = 12 + 16 // a nonce and a tag
	for _, length := range []int{0, 1, 11, 12, least - 1} {
		head := binary.BigEndian.AppendUint32(nil, uint32(length))
		head = binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head))
		for _, rest := range [][]byte{nil, make([]byte, least), whole} {
			content := slices.Concat(head, bytes.Repeat([]byte{1}, length), rest)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "record 1: damaged") {
				t.Errorf("length %d before %d bytes: %v; want a damaged record", length, len(rest), err)
			}
		}
	}
}

// No token and no secret can be read without the key, which only its owner can read.
func TestJournalIsSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	written(t, path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"token-of", "the-secret", "revoke"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the journal has %q in the clear", secret)
		}
	}
	for _, file := range []string{path, path + keySuffix} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o; want 600", file, info.Mode().Perm())
		}
	}
	if err := os.WriteFile(path+keySuffix, make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("opened with another key; want an error")
	}
}
