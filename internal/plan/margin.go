package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oauthbench/oauthbench/bench/verdict"
)

// setMargins reads "10%" for everything, "p99 15%" for a quantile, "token 20%" for
// an operation, "token p99 25%" for one comparison, "cpu 5%" for a cost, and times such as
// "introspect p95 +2ms" instead of shares.
func setMargins(p *Plan, values []string) error {
	p.Margins, p.CostMargins = nil, nil
	if len(values) == 1 && values[0] == "auto" {
		return nil
	}
	for _, value := range values {
		m, err := parseMargin(value)
		if err != nil {
			return err
		}
		if _, cost := verdict.CostKindNamed(m.Operation); !cost {
			p.Margins = append(p.Margins, m)
			continue
		}
		if m.Time != 0 {
			return fmt.Errorf("margin %q: a cost takes no time: write %s 5%%", value, m.Operation)
		}
		if m.Quantile != 0 {
			return fmt.Errorf("margin %q: a cost has no percentiles: write %s 5%%", value, m.Operation)
		}
		if m.Convicts != 0 {
			return fmt.Errorf("margin %q: a cost convicts from its margin on: write %s 5%%", value, m.Operation)
		}
		if p.CostMargins == nil {
			p.CostMargins = map[string]float64{}
		}
		p.CostMargins[m.Operation] = m.Fraction
	}
	return nil
}

func parseMargin(text string) (verdict.Margin, error) {
	var m verdict.Margin
	words := strings.Fields(strings.ReplaceAll(text, "=", " ")) // capacity=5%
	if n := len(words); n > 2 && words[n-2] == convictsWord {
		from := verdict.Margin{}
		if err := setSize(&from, text, words[n-1]); err != nil {
			return m, err
		}
		if from.Time != 0 {
			return m, fmt.Errorf("margin %q: what convicts is a share, such as 10%%", text)
		}
		m.Convicts, words = from.Fraction, words[:n-2]
	}
	if len(words) == 0 || len(words) > 3 {
		return m, fmt.Errorf("margin %q: write 10%%, p99 15%% or token p99 20%%", text)
	}
	if err := setSize(&m, text, strings.TrimPrefix(words[len(words)-1], "+")); err != nil {
		return m, err
	}
	if m.Convicts >= m.Fraction && m.Convicts > 0 {
		return m, fmt.Errorf("margin %q: what convicts must be a share below the margin's", text)
	}
	for _, w := range words[:len(words)-1] {
		if q, isQuantile := strings.CutPrefix(w, "p"); isQuantile {
			if percentile, err := strconv.ParseFloat(q, 64); err == nil && percentile > 0 && percentile < 100 &&
				m.Quantile == 0 {
				m.Quantile = percentile / 100
				continue
			}
		}
		if m.Operation != "" || m.Quantile != 0 {
			return m, fmt.Errorf("margin %q: %q is not a percentile such as p99", text, w)
		}
		m.Operation = w
	}
	return m, nil
}

// leastPercent is the smallest margin, in per cent: no run could certify less.
const leastPercent = 0.1

// setSize reads how much a margin is: "10%" or "2ms".
func setSize(m *verdict.Margin, text, size string) error {
	percent, share := strings.CutSuffix(size, "%")
	if !share {
		d, err := time.ParseDuration(size)
		if err != nil {
			return fmt.Errorf("margin %q has no unit: write 10%% or 2ms", text)
		}
		if d <= 0 || d > time.Minute {
			return fmt.Errorf("margin %q: want more than 0 and at most 1m", text)
		}
		m.Time = d
		return nil
	}
	n, err := strconv.ParseFloat(percent, 64)
	if err != nil {
		return fmt.Errorf("margin %q: %q is not a number", text, percent)
	}
	if !(n >= leastPercent && n <= 1000) {
		return fmt.Errorf("margin %q: want %v%% to 1000%%; with a margin of next to nothing nothing could ever pass",
			text, leastPercent)
	}
	m.Fraction = n / 100
	return nil
}

// convictsWord stands between a margin that noise chose and what it convicts from, in the commands of stored
// runs: "token p95 20% convicts 10%".
const convictsWord = "convicts"

// marginText writes a margin as parseMargin reads it.
func marginText(m verdict.Margin) string {
	var words []string
	if m.Operation != "" {
		words = append(words, m.Operation)
	}
	if m.Quantile != 0 {
		words = append(words, strings.ToLower(verdict.Percentile(m.Quantile)))
	}
	if m.Time != 0 {
		return strings.Join(append(words, m.Time.String()), " ")
	}
	// Ten digits: what people write, without the noise of binary fractions.
	percent := func(fraction float64) string { return strconv.FormatFloat(100*fraction, 'g', 10, 64) + "%" }
	words = append(words, percent(m.Fraction))
	if m.Convicts > 0 {
		words = append(words, convictsWord, percent(m.Convicts))
	}
	return strings.Join(words, " ")
}
