// Package process runs the embedded authorization server: Serve on listeners of its own,
// Start as a child process, so that its CPU time is not the load generator's. A Process
// registers clients and plays users through the admin interface, restarts, and leaves
// nothing behind: no process, no port, no file.
package process
