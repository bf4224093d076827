// Package stack runs any authorization server: a private network, a database, the
// server's migrations run to their end, the server, and what all of them spend.
//
// It knows a kind of server as a value, Server, and a kind of database as a value,
// Database. A Server's Program tells how one version is run: image, ports, command and
// environment, how its tables grow, how a client is registered. What that needs of its
// stack it is handed as an Access. A Catalogue of both kinds reads targets, and Start
// starts what was read:
//
//	spec, err := stack.Catalogue{Servers: ..., Databases: ...}.Parse("toy:v1")
//	s, err := stack.Start(ctx, spec, stack.Options{})
//	defer s.Close()
//
// The package names no server and no database.
package stack
