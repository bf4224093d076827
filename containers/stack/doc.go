// Package stack starts real authorization servers with their databases in
// containers, and tells what they spent. One Stack is one deployment: a private
// network, a database, the server's migrations run to their end, the server.
//
// A target such as hydra:v2.3.0?hasher=bcrypt&db=postgres:15 is read by ParseSpec
// and started by Start. Adding a server or a database is one file and one line in
// Servers or Databases.
//
// What holds for every stack:
//   - ports are published on 127.0.0.1 only, and stay the same over a Restart;
//   - the database is durable (fsync on), and every setting that differs from a
//     default is in the Deployment; passwords, which are drawn anew for each stack,
//     never are;
//   - an image that the engine has is never pulled;
//   - every container, network and volume carries the labels of its run, is removed
//     by Close, and by Clean when the program was killed before it could.
//
// The package knows nothing of workloads, rates or reports.
package stack
