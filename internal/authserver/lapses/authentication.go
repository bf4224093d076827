package lapses

// AnySecret tells whether a wrong secret, or a wrong bearer token of a resource server,
// is taken for the right one at an operation.
func (l *Lapses) AnySecret(operation string) bool { return l.has("anyauth", operation) }

// NoSecret tells whether who shows no credentials at all is let in at an operation. A
// wrong secret is still refused.
func (l *Lapses) NoSecret(operation string) bool { return l.has("noauth", operation) }
