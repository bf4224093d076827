package bench

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CPUList names CPUs as the kernel numbers them, ascending.
type CPUList []int

// maxCPU bounds the numbers: as many as a set of the kernel's usual size holds.
const maxCPU = 1023

// ParseCPUList reads "0", "0,2" and "0-3,8", as cpuset(7) writes lists.
func ParseCPUList(text string) (CPUList, error) {
	var cpus CPUList
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 16)
		last, err2 := strconv.ParseUint(to, 10, 16)
		if err1 != nil || err2 != nil || first > last || last > maxCPU {
			return nil, fmt.Errorf("CPUs %q: want numbers and ranges from 0 to %d, such as 0 or 0-1,4", text, maxCPU)
		}
		for n := first; n <= last; n++ {
			cpus = append(cpus, int(n))
		}
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// String writes the list as ParseCPUList reads it, "" for an empty one.
func (c CPUList) String() string {
	var parts []string
	for i := 0; i < len(c); {
		k := i
		for k+1 < len(c) && c[k+1] == c[k]+1 {
			k++
		}
		part := strconv.Itoa(c[i])
		if k > i {
			part += "-" + strconv.Itoa(c[k])
		}
		parts = append(parts, part)
		i = k + 1
	}
	return strings.Join(parts, ",")
}

// MarshalText writes the list as in cpuset(7).
func (c CPUList) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads it.
func (c *CPUList) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = nil
		return nil
	}
	*c, err = ParseCPUList(string(text))
	return err
}
