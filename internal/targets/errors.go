package targets

// UsageError is a request that cannot be met whatever a server does: what the user
// wrote must be changed. Nothing has been measured.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// StartError is a target that could not be started, or that runs and cannot be
// measured. Nothing has been measured.
type StartError struct{ Err error }

func (e *StartError) Error() string { return e.Err.Error() }
func (e *StartError) Unwrap() error { return e.Err }
