package lapses

// Upgrades are the faults that an upgrade rehearsal finds.
type Upgrades struct{ planted }

// Migration gives what the migration from the generation before does to sessions besides;
// "" for nothing.
func (u Upgrades) Migration() string { return u.fault("migration").Word }

// DeadDoor tells whether revoking a user's consent is answered, and not done.
func (u Upgrades) DeadDoor() bool { return u.has("dead_door", "") }

// GreedyCleanUp tells whether the clean-up job deletes sessions that are alive.
func (u Upgrades) GreedyCleanUp() bool { return u.has("greedy_clean_up", "") }
