// Package store is what the embedded authorization server keeps: clients, sign-ins,
// devices, assertions and tokens, in SQLite or PostgreSQL, with the migrations that lead
// from one generation to the next. It knows rows and when they count, and nothing of
// HTTP.
package store
