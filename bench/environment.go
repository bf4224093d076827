package bench

// Environment is the machine a run was made on. What the system does not tell is
// left empty.
type Environment struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Kernel     string `json:"kernel,omitempty"`
	CPU        string `json:"cpu,omitempty"`
	Cores      int    `json:"cores"` // usable by this program
	GOMAXPROCS int    `json:"gomaxprocs"`
	Memory     int64  `json:"memory_bytes,omitempty"`
	Go         string `json:"go"`
	// Wakeups are what pacing was chosen by, nil where nobody measured them.
	Wakeups *Wakeups `json:"wakeups,omitempty"`
}
