package bench

import (
	"reflect"
	"slices"
	"testing"
)

func TestCPUList(t *testing.T) {
	for text, want := range map[string]CPUList{
		"0": {0}, "0-3": {0, 1, 2, 3}, "3,1": {1, 3}, "0-1,1-2,8": {0, 1, 2, 8}, "1023": {1023},
	} {
		got, err := ParseCPUList(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q = %v, %v; want %v", text, got, err, want)
		}
		again, err := ParseCPUList(got.String())
		if err != nil || !slices.Equal(again, got) {
			t.Errorf("%q is written as %q, which reads as %v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "-1", "1-", "-", "3-1", "a", "0,", "1024", "0-99999", " 1", "+1"} {
		if got, err := ParseCPUList(text); err == nil {
			t.Errorf("%q = %v; want an error", text, got)
		}
	}
}
