package rehearse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/oauthbench/oauthbench/internal/plaintext"
	"github.com/oauthbench/oauthbench/internal/wholefile"
)

const optionsFile = "options.json"

// storedVersion is that of the stored options, and of all that is remembered beside them: it grows when a
// rehearsal that another version has begun cannot be gone on with.
const storedVersion = 1

// stored are options as they lie in a directory.
type stored struct {
	Version int     `json:"version"`
	Options Options `json:"options"`
}

// storeOptions writes the options of a rehearsal that begins, without the secrets of its targets.
func storeOptions(hidden string, o Options) error {
	o.From, o.To = plaintext.Target(o.From), plaintext.Target(o.To)
	return wholefile.Replace(filepath.Join(hidden, optionsFile), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(stored{storedVersion, o})
	})
}

// readOptions reads those of a rehearsal that was killed, and refuses what this program did not write. Secrets of
// its targets are those of the options that are given to go on with it.
func readOptions(hidden string, given Options) (Options, error) {
	text, err := os.ReadFile(filepath.Join(hidden, optionsFile))
	if err != nil {
		return Options{}, err
	}
	var head struct{ Version int }
	if err := json.Unmarshal(text, &head); err != nil {
		return Options{}, fmt.Errorf("%s is damaged: %w", optionsFile, err)
	}
	if head.Version != storedVersion {
		return Options{}, fmt.Errorf("another version of oauthbench has begun this rehearsal: go on with that one, "+
			"or remove what is left with oauthbench clean (%s of version %d, not %d)", optionsFile, head.Version,
			storedVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var s stored
	if err = decoder.Decode(&s); err == nil {
		if err := s.Options.restoreSecrets(given); err != nil {
			return Options{}, err
		}
		err = s.Options.sound()
	}
	if err != nil {
		return Options{}, fmt.Errorf("%s is damaged: %w", optionsFile, err)
	}
	return s.Options, nil
}

// sound finds what no rehearsal can have stored.
func (o Options) sound() error {
	if o.Run == "" || o.Started.IsZero() {
		return errors.New("it does not say which run it was, and when it began")
	}
	for _, v := range []pflag.Value{&o.Strategy, &o.Copy, &o.Replay, &o.Canary, &o.Mix} { // of this copy
		if text := v.String(); text != "" {
			if err := v.Set(text); err != nil {
				return fmt.Errorf("%s %q: %w", v.Type(), text, err)
			}
		}
	}
	if err := o.within(); err != nil {
		return err
	}
	w, err := newWorld(o)
	if err == nil {
		_, err = newRehearsal(o, w, &Report{})
	}
	return err
}

// restoreSecrets puts back what is not stored of the targets, from options that name them once more. A target
// that was named for nothing is refused.
func (o *Options) restoreSecrets(given Options) error {
	for _, t := range []struct {
		flag   string
		stored *string
		given  string
	}{{"from", &o.From, given.From}, {"to", &o.To, given.To}} {
		needed := plaintext.WithheldOf(*t.stored) != nil
		if !needed && given.flags != nil && given.flags.Changed(t.flag) {
			return fmt.Errorf("it goes on as it was begun: leave out --%s", t.flag)
		}
		var err error
		if *t.stored, err = plaintext.Restored(*t.stored, t.given, "--"+t.flag); err != nil {
			return err
		}
	}
	return nil
}
