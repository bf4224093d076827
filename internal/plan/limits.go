package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/oauthbench/oauthbench/bench"
)

// Limits are those of one container. The zero value sets none.
type Limits struct {
	CPUs        float64 `json:"cpus,omitempty"`         // cores
	MemoryBytes int64   `json:"memory_bytes,omitempty"` // bytes
	// CPUSet are the CPUs that it may use, none for all.
	CPUSet bench.CPUList `json:"cpuset,omitzero"`
}

// limited are the parts of a deployment that can be limited.
var limited = []string{"server", "database"}

// setLimit reads "1.5" for every container and "server=1.5" for one.
func setLimit(p *Plan, values []string, set func(l *Limits, value string) error) error {
	limits := map[string]Limits{}
	for part, l := range p.Limits {
		limits[part] = l
	}
	for _, text := range values {
		parts := limited
		value := text
		if part, own, named := strings.Cut(text, "="); named {
			if err := oneOf("container", part, limited); err != nil {
				return err
			}
			parts, value = []string{part}, own
		}
		for _, part := range parts {
			l := limits[part]
			if err := set(&l, value); err != nil {
				return err
			}
			limits[part] = l
		}
	}
	p.Limits = limits
	return nil
}

func setCPUs(p *Plan, values []string) error {
	return setLimit(p, values, func(l *Limits, value string) error {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !(n >= 0.01 && n <= 4096) {
			return fmt.Errorf("cpus %q: want a number of cores from 0.01", value)
		}
		l.CPUs = n
		return nil
	})
}

func setCPUSets(p *Plan, values []string) error {
	return setLimit(p, values, func(l *Limits, value string) (err error) {
		l.CPUSet, err = bench.ParseCPUList(value)
		return err
	})
}

var memoryUnits = []struct {
	suffix string
	bytes  float64
}{{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}}

func setMemory(p *Plan, values []string) error {
	return setLimit(p, values, func(l *Limits, value string) error {
		for _, u := range memoryUnits {
			number, ok := strings.CutSuffix(strings.ToLower(value), u.suffix)
			if !ok {
				continue
			}
			n, err := strconv.ParseFloat(number, 64)
			const least = 6 << 20 // engines refuse less
			if err == nil && n*u.bytes >= least && n*u.bytes < math.MaxInt64 {
				l.MemoryBytes = int64(n * u.bytes)
				return nil
			}
		}
		return fmt.Errorf("memory %q: want at least 6m, such as 512m or 2g", value)
	})
}

// limitsGiven writes one kind of limit as its key reads it, part by part; text gives ""
// for a part without one.
func limitsGiven(text func(Limits) string) func(*Plan) []string {
	return func(p *Plan) []string {
		var values []string
		for _, part := range limited {
			if value := text(p.Limits[part]); value != "" {
				values = append(values, part+"="+value)
			}
		}
		return values
	}
}

func (l Limits) coresText() string {
	if l.CPUs == 0 {
		return ""
	}
	return strconv.FormatFloat(l.CPUs, 'g', -1, 64)
}

func (l Limits) cpuSetText() string {
	if len(l.CPUSet) == 0 {
		return ""
	}
	return l.CPUSet.String()
}

func (l Limits) memoryText() string {
	if l.MemoryBytes == 0 {
		return ""
	}
	return strconv.FormatInt(l.MemoryBytes/1024, 10) + "k"
}
