//go:build !unix

package generator

import "math"

// descriptorLimit is how many descriptors this process may have; there is no such limit here.
func descriptorLimit() int { return math.MaxInt32 }
