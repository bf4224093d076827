package bench

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A stored baseline has a field for each quantile that is compared, named after it and in
// the same order, and each of them is among the merged ones.
func TestStoredOperationHasEveryComparedQuantile(t *testing.T) {
	var o StoredOperation
	fields := o.times()
	if len(fields) != len(ComparedQuantiles) {
		t.Fatalf("%d stored times; want one for each of %v", len(fields), ComparedQuantiles)
	}
	for i, q := range ComparedQuantiles {
		name := fmt.Sprintf("P%g", 100*q)
		field := reflect.ValueOf(&o).Elem().FieldByName(strings.ReplaceAll(name, ".", ""))
		if !field.IsValid() || field.Addr().Interface() != any(fields[i]) {
			t.Errorf("the stored time %d is not field %s", i, name)
		}
		if !slices.Contains(MergedQuantiles, q) {
			t.Errorf("quantile %v is compared and has no merged figure", q)
		}
	}
}
