package lapses

// Migration gives what the migration from the generation before does to sessions besides;
// "" for nothing.
func (l *Lapses) Migration() string { return l.fault("migration").Word }

// DeadDoor tells whether revoking a user's consent is answered, and not done.
func (l *Lapses) DeadDoor() bool { return l.has("dead_door", "") }

// GreedyCleanUp tells whether the clean-up job deletes sessions that are alive.
func (l *Lapses) GreedyCleanUp() bool { return l.has("greedy_clean_up", "") }
