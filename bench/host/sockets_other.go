//go:build !linux

package host

// Where there is no /proc, no service can be seen.
func readSockets() sockets { return sockets{} }

func processes() map[int]process { return nil }
