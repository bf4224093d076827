//go:build !linux

package priority

import "github.com/oauthbench/oauthbench/bench"

func Set(bench.Priority) (got bench.Priority, restore func() error) {
	return bench.NoPriority, func() error { return nil }
}
