package generator

import "fmt"

// spareDescriptors are for everything but the connections of the load: files, listeners,
// timers, pipes of servers, checks beside the load.
const spareDescriptors = 40

// MaxConnections is how many connections this process may have at once.
func MaxConnections() int { return max(0, descriptorLimit()-spareDescriptors) }

// CheckConnections tells whether this process may have so many connections at once.
func CheckConnections(n int) error {
	if n <= MaxConnections() {
		return nil
	}
	return fmt.Errorf(
		"%d connections need %d file descriptors, and this process may have %d: raise ulimit -n, or lower "+
			"--max-workers",
		n, n+spareDescriptors, descriptorLimit())
}
