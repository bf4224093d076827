//go:build !linux

package priority

import "oauthbench/bench"

func Set(bench.Priority) (got bench.Priority, restore func() error) {
	return bench.NoPriority, func() error { return nil }
}
