package owner

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// A temporary directory is marked by its name, for that is there from the first moment:
// oauthbench-, the process number, where that counts, and digits of os.MkdirTemp.
var tempName = regexp.MustCompile(`^oauthbench-([1-9][0-9]*)-([0-9a-f]{16})-[0-9]+$`)

// place stands for where process numbers of this process count.
func place() string {
	self := Self()
	sum := sha256.Sum256([]byte(self.Host + "/" + self.namespace))
	return hex.EncodeToString(sum[:8])
}

// MakeTemp makes a temporary directory of this process, which removes it with RemoveTemp.
func MakeTemp() (string, error) { return makeTemp(os.TempDir()) }

func makeTemp(parent string) (string, error) {
	return os.MkdirTemp(parent, fmt.Sprintf("oauthbench-%d-%s-*", os.Getpid(), place()))
}

// RemoveTemp removes what MakeTemp has made, by whichever process; it leaves any other
// directory alone. That it is gone already is no error.
func RemoveTemp(dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if !tempName.MatchString(filepath.Base(dir)) {
		return fmt.Errorf("directory %q is not one of ours: remove it by hand", dir)
	}
	return os.RemoveAll(dir)
}

// SweepTemp removes the temporary directories that killed processes have left, and returns
// their names.
func SweepTemp() (removed []string, err error) { return sweepTemp(os.TempDir()) }

// sweepTemp removes what killed processes have left below parent: directories of our name,
// of this user, whose process was one of this machine and namespace and is gone. Anything
// that is not certainly that stays.
func sweepTemp(parent string) (removed []string, err error) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil, err
	}
	here := place()
	var errs []error
	for _, entry := range entries {
		match := tempName.FindStringSubmatch(entry.Name())
		if match == nil || !entry.IsDir() || match[2] != here {
			continue
		}
		pid, err := strconv.Atoi(match[1])
		if err != nil || !Gone(pid) {
			continue
		}
		if info, err := entry.Info(); err != nil || !ownedByUs(info) {
			continue // It is gone already, or somebody else's.
		}
		dir := filepath.Join(parent, entry.Name())
		if err := os.RemoveAll(dir); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, dir)
	}
	return removed, errors.Join(errs...)
}
