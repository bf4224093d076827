package verdict

import (
	"encoding/json"
	"fmt"
	"math"
)

// Interval is an estimated ratio candidate/baseline with its confidence
// interval: 1.06 is 6 % slower. Low and High are one-sided 95 % bounds each,
// together a 90 % interval. With too few units Low is 0 and High +Inf; without
// any, Estimate is NaN. JSON has null for those that are not finite.
type Interval struct {
	Estimate float64
	Low      float64
	High     float64
}

type intervalJSON struct {
	Estimate *float64 `json:"estimate"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
}

func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(intervalJSON{finite(i.Estimate), finite(i.Low), finite(i.High)})
}

func (i *Interval) UnmarshalJSON(b []byte) error {
	var j intervalJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("interval: %w", err)
	}
	*i = Interval{orElse(j.Estimate, math.NaN()), orElse(j.Low, 0), orElse(j.High, math.Inf(1))}
	return nil
}

// String is "x1.06 [0.98, 1.14]", or "~" when nothing was estimated.
func (i Interval) String() string {
	switch {
	case finite(i.Estimate) == nil:
		return "~"
	case finite(i.High) == nil:
		return fmt.Sprintf("x%.2f [?, ?]", i.Estimate)
	}
	return fmt.Sprintf("x%.2f [%.2f, %.2f]", i.Estimate, i.Low, i.High)
}

// finite returns a pointer to x, or nil where JSON has no number for it.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func orElse(p *float64, otherwise float64) float64 {
	if p == nil {
		return otherwise
	}
	return *p
}
