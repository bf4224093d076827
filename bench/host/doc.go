// Package host reads what the operating system tells of this machine and of processes on
// it: the environment of a run, CPU time and memory. Where the system does not tell (there
// is no /proc), readings are not Known or empty, never an error.
package host
