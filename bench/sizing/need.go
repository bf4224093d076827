package sizing

import (
	"fmt"
	"math"

	"github.com/oauthbench/oauthbench/internal/digits"
)

// Demand is what a cluster must carry.
type Demand struct {
	Peak map[string]float64 `json:"peak"` // requests per second, by operation
	// Headroom is what must be free at the peak, as a share of it: 0.5 asks for 1.5 times
	// the peak.
	Headroom float64 `json:"headroom"`
	// Failures is how many instances may be gone at the same time as a rolling update.
	Failures int `json:"failures"`
	// Surge is how many instances a rolling update adds before it takes any away; 0 takes
	// one away first.
	Surge int `json:"surge"`
}

// Rate is all requests of the peak together, per second.
func (d Demand) Rate() float64 {
	sum := 0.0
	for _, rate := range d.Peak {
		sum += rate
	}
	return sum
}

// spare is how many instances are in use only when others are gone.
func (d Demand) spare() int {
	if d.Surge == 0 {
		return d.Failures + 1
	}
	return d.Failures
}

// Measured is what is known of one instance and of the database behind all of them.
type Measured struct {
	// Capacity is what one instance carries under its limits with the mix of the peak, in
	// requests per second: the lower bound of its interval.
	Capacity float64 `json:"capacity"`
	Server   Costs   `json:"server"`
	Database Costs   `json:"database"`
	Pool     int     `json:"pool"` // connections of one instance to the database; 0 when not known
	// Commits are those of the database per request, without any when they are not known.
	Commits Costs `json:"commits"`
	Memory  int64 `json:"memory_bytes"` // of one instance, at most; 0 when not known
	// Scaling is what several instances were found to carry together; nil when that was not measured,
	// and they are taken to carry what one carries times their number.
	Scaling *Scaling `json:"-"`
}

// Scaling is what instances carry together on one database.
type Scaling struct {
	// Lower is what so many carry at the least; false where nothing is said.
	Lower func(instances int) (perSecond float64, known bool)
	Most  int // Most is the largest number of instances that anything is said of.
	// Peak is the number from which more carry less, 0 when none is known, and AtPeak what it carries.
	Peak   int
	AtPeak float64
}

// least is the smallest number of instances that carries a rate and still does with spare ones
// beside it. impossible says why none ever will; the error, that the measurement does not tell.
func (s *Scaling) least(rate float64, spare int) (instances int, impossible string, err error) {
	carries := func(n int) bool {
		lower, known := s.Lower(n)
		return known && lower >= rate
	}
	for n := 1; n+spare <= s.Most; n++ {
		if carries(n) && carries(n+spare) {
			return n, "", nil
		}
	}
	if s.Peak > 0 && s.AtPeak < rate {
		return 0, fmt.Sprintf("this database carries most with %s, %.4g/s, and with more of them less: %.4g/s are "+
			"wanted", digits.Count(s.Peak, "instance"), s.AtPeak, rate), nil
	}
	return 0, "", fmt.Errorf("no number of instances up to %d is known to carry %.4g/s, with %d spare, and "+
		"beyond that "+
		"nothing is said: search with more of them (oauthbench capacity --replicas)", s.Most, rate, spare)
}

// Machines are the sizes to plan with.
type Machines struct {
	ServerCores   float64 `json:"server_cores"`   // of one instance
	DatabaseCores float64 `json:"database_cores"` // of the database
	// share of the cores that may be busy at the peak with its headroom, in (0, 1]
	MostBusy       float64 `json:"most_busy"`
	Connections    int     `json:"connections"`      // that the database allows; 0 when not known
	ReservedOfThem int     `json:"reserved_of_them"` // for others than the instances
	// ServerMemory is what one instance may have, and Writes what the database's disk can
	// write a second; 0 when not known.
	ServerMemory int64   `json:"server_memory_bytes,omitempty"`
	Writes       float64 `json:"database_writes,omitempty"`
}

// Answer is how many instances one resource asks for.
type Answer struct {
	Resource  string `json:"resource"`
	Instances int    `json:"instances"`
	Formula   string `json:"formula"` // Its numbers stand in it.
}

// Need is the answer to a demand.
type Need struct {
	Answers []Answer `json:"answers"`
	// Decides is the answer with the most instances.
	Decides Answer `json:"decides"`
	// Impossible says why no number of instances is enough, "" when one is.
	Impossible string `json:"impossible,omitempty"`
	// Unknown lists what was not known and therefore is not in the answer.
	Unknown []string `json:"unknown,omitempty"`
}

// Size computes how many instances a demand needs. An operation of the peak whose cost
// was not measured is an error.
func Size(d Demand, m Measured, on Machines) (Need, error) {
	if !(d.Rate() > 0) || d.Headroom < 0 || d.Failures < 0 || d.Surge < 0 {
		return Need{}, fmt.Errorf("demand %+v: want a peak above 0 and nothing below it", d)
	}
	if !(m.Capacity > 0) || !(on.ServerCores > 0) || !(on.MostBusy > 0 && on.MostBusy <= 1) {
		return Need{}, fmt.Errorf("capacity %v, cores %v, most busy %v: want all above 0", m.Capacity, on.ServerCores,
			on.MostBusy)
	}
	scaled := map[string]float64{}
	for name, rate := range d.Peak {
		scaled[name] = rate * (1 + d.Headroom)
	}
	cores, err := m.Server.Cores(scaled)
	if err != nil {
		return Need{}, err
	}
	var need Need
	add := func(resource string, quotient float64, formula string) {
		instances := int(math.Ceil(quotient-1e-9)) + d.spare()
		need.Answers = append(need.Answers,
			Answer{resource, instances, fmt.Sprintf("%s, and %d spare", formula, d.spare())})
		if instances > need.Decides.Instances {
			need.Decides = need.Answers[len(need.Answers)-1]
		}
	}
	rate := d.Rate() * (1 + d.Headroom)
	if m.Scaling == nil {
		add("limits", rate/m.Capacity, fmt.Sprintf("%.4g/s of %.4g/s per instance", rate, m.Capacity))
	} else {
		n, impossible, err := m.Scaling.least(rate, d.spare())
		if err != nil || impossible != "" {
			need.Impossible = impossible
			return need, err
		}
		lower, _ := m.Scaling.Lower(n)
		add("limits", float64(n), fmt.Sprintf("%.4g/s of at least %.4g/s that %d carry by the scalability law", rate,
			lower, n))
	}
	// The constant is spent by every instance, whatever it serves.
	usable := on.ServerCores*on.MostBusy - m.Server.Idle
	if usable <= 0 {
		need.Impossible = fmt.Sprintf("an idle server spends %.3g cores, and an instance may spend %.3g",
			m.Server.Idle,
			on.ServerCores*on.MostBusy)
		return need, nil
	}
	add("server CPU", (cores-m.Server.Idle)/usable,
		fmt.Sprintf("%.3g cores of %.3g usable per instance", cores-m.Server.Idle, usable))
	need.memory(m, on)
	return need, need.database(m, on, scaled)
}

// memory tells whether one instance fits its machine: more of them do not help it.
func (n *Need) memory(m Measured, on Machines) {
	switch {
	case m.Memory == 0 || on.ServerMemory == 0:
		n.Unknown = append(n.Unknown, "memory of an instance against its machine")
	case m.Memory > on.ServerMemory:
		n.Impossible = fmt.Sprintf("an instance had %d MiB resident, and a machine has %d MiB", m.Memory>>20,
			on.ServerMemory>>20)
	}
}

// database tells whether the database carries the demand: more instances do not help it.
func (n *Need) database(m Measured, on Machines, scaled map[string]float64) error {
	if on.DatabaseCores > 0 && len(m.Database.PerRequest) > 0 {
		cores, err := m.Database.Cores(scaled)
		if err != nil {
			return err
		}
		if limit := on.DatabaseCores * on.MostBusy; cores > limit {
			n.Impossible = fmt.Sprintf("the database would spend %.3g cores of %.3g usable: more instances do not "+
				"help",
				cores, limit)
		}
	} else {
		n.Unknown = append(n.Unknown, "CPU of the database")
	}
	if on.Writes > 0 && len(m.Commits.PerRequest) > 0 {
		commits, err := m.Commits.Cores(scaled)
		if err != nil {
			return err
		}
		if commits > on.Writes && n.Impossible == "" {
			n.Impossible = fmt.Sprintf("the database would commit %.4g times a second, and its disk can write %.4g "+
				"times: more instances do not help", commits, on.Writes)
		}
	} else {
		n.Unknown = append(n.Unknown, "writes of the database")
	}
	if m.Pool == 0 || on.Connections == 0 {
		n.Unknown = append(n.Unknown, "connections to the database")
		return nil
	}
	wanted, free := n.Decides.Instances*m.Pool, on.Connections-on.ReservedOfThem
	if wanted > free && n.Impossible == "" {
		n.Impossible = fmt.Sprintf("%s with %s each would take %d of the database, which has %d free",
			digits.Count(n.Decides.Instances, "instance"), digits.Count(m.Pool, "connection"), wanted, free)
	}
	return nil
}
