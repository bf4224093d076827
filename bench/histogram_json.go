package bench

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// histogramJSON is a Histogram in a file: the standard HdrHistogram V2 compressed
// encoding, which the tools of every language read, and the exact figures beside.
type histogramJSON struct {
	HDR        string        `json:"hdr"`
	Count      int64         `json:"count"`
	Min        time.Duration `json:"min_ns"`
	Max        time.Duration `json:"max_ns"`
	Sum        float64       `json:"sum_ns"`
	OutOfRange int64         `json:"out_of_range,omitempty"`
}

// MarshalJSON writes the histogram; it can be read back without loss.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	encoded, err := h.EncodeHDR()
	if err != nil {
		return nil, err
	}
	return json.Marshal(histogramJSON{encoded, h.Count(), h.min, h.max, h.sum, h.outOfRange})
}

// EncodeHDR returns the counts in HdrHistogram's V2 compressed encoding, Base64, as
// the lines of a .hlog file carry it. Values are nanoseconds.
func (h *Histogram) EncodeHDR() (string, error) {
	if h.encoded != "" {
		return h.encoded, nil
	}
	encoded, err := h.HDR().EncodeV2()
	if err != nil {
		return "", fmt.Errorf("encode histogram: %w", err)
	}
	return string(encoded), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. It refuses other geometries and
// figures that contradict each other, and never panics whatever the input.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var j histogramJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if err := checkGeometry(j.HDR); err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	counts, err := hdr.DecodePacked([]byte(j.HDR))
	if err != nil {
		return fmt.Errorf("decode histogram: %w", err)
	}
	if counts.TotalCount() != j.Count {
		return fmt.Errorf("decode histogram: %d values, its count says %d", counts.TotalCount(), j.Count)
	}
	if j.Count > 1<<53 {
		return fmt.Errorf("decode histogram: %d values are more than can be", j.Count)
	}
	if j.Min < 0 || j.Min > j.Max || j.Max > time.Duration(histogramHighest) || j.OutOfRange < 0 {
		return fmt.Errorf("decode histogram: min %v and max %v cannot be", j.Min, j.Max)
	}
	// Quantiles never leave min to max, so a wrong one would bend them unseen.
	low, high := counts.Min(), counts.Max() // of the outermost cells, from their outer ends
	if counts.TotalCount() > 0 && (int64(j.Min) < low || int64(j.Min) >= low+cellSize(low) || int64(j.Max) > high ||
		int64(j.Max) <= high-cellSize(high)) {
		return fmt.Errorf("decode histogram: min %v and max %v, its counts reach from %v to %v", j.Min, j.Max,
			time.Duration(low), time.Duration(high))
	}
	*h = Histogram{packed: counts, encoded: j.HDR, min: j.Min, max: j.Max, sum: j.Sum, outOfRange: j.OutOfRange}
	return nil
}

// checkGeometry reads the header before the counts are decoded: a damaged or
// hostile file could otherwise ask for any amount of memory. The layout is that of
// HdrHistogram's V2 encoding: cookie, length, then zlib around cookie, payload
// length, normalizing index, significant digits, lowest, highest, ratio.
func checkGeometry(encoded string) error {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	if len(raw) < 8 {
		return errors.New("shorter than its header")
	}
	z, err := zlib.NewReader(bytes.NewReader(raw[8:]))
	if err != nil {
		return err
	}
	var header struct {
		Cookie, PayloadLength, Offset, Digits int32
		Lowest, Highest                       int64
	}
	if err := binary.Read(io.LimitReader(z, hdr.ENCODING_HEADER_SIZE), binary.BigEndian, &header); err != nil {
		return err
	}
	if header.Digits != histogramDigits || header.Lowest != histogramLowest || header.Highest != histogramHighest {
		return fmt.Errorf("range %d to %d with %d digits is not ours", header.Lowest, header.Highest, header.Digits)
	}
	return nil
}
