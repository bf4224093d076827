package bench

import (
	"math/bits"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// drawing draws the arrivals of a load in parts that do not depend on each other. A binary tree
// halves the load again and again, by arrivals and not by time; each node hands its arrivals on to its
// halves by random numbers of its own, and so a part is found and drawn from what leads to it alone, in a time that
// grows with the logarithm of the load. All streams share one tree. Parts drawn lately are
// kept: whoever sends is at about the same place as whoever records.
type drawing struct {
	process Process
	load    []Segment
	total   float64 // of arrivals, before it is rounded
	streams []stream
	count   int // of arrivals, of all streams
	levels  int // of the tree, its root not counted

	kept [keptParts]atomic.Pointer[part]

	mu   sync.Mutex // held while a part is drawn
	next int        // Index in kept of the next part.
	pcg  rand.PCG
	rng  *rand.Rand // It draws from pcg.
}

const (
	// A part has between half of usualPart and usualPart arrivals on average.
	usualPart = 256
	keptParts = 8
)

// part is a leaf of the tree, drawn. It never changes.
type part struct {
	first    int // number of its first arrival
	arrivals []Arrival
	nodes    []node // by stream
}

// newDrawing is a drawing of streams whose rates follow the segments, each in its share.
func newDrawing(process Process, load []Segment, streams []stream) *drawing {
	d := &drawing{process: process, load: load, streams: streams}
	for _, s := range load {
		d.total += s.arrivals()
	}
	for _, s := range streams {
		d.count += s.count
	}
	d.levels = bits.Len(uint(d.count / usualPart))
	d.rng = rand.New(&d.pcg)
	return d
}

// at is the arrival of that number.
func (d *drawing) at(i int) Arrival {
	p := d.part(func(p *part) bool { return i >= p.first && i-p.first < len(p.arrivals) },
		func(nodes []node, before int) bool {
			for _, n := range nodes {
				before += n.count
			}
			return i < before
		})
	return p.arrivals[i-p.first]
}

// find is the number of the arrival that has a number in its stream.
func (d *drawing) find(stream, number int) int {
	p := d.part(func(p *part) bool {
		n := p.nodes[stream]
		return number >= n.first && number-n.first < n.count
	}, func(nodes []node, _ int) bool {
		n := nodes[stream]
		return number < n.first+n.count
	})
	for k, a := range p.arrivals {
		if a.Stream == stream && a.Number == number {
			return p.first + k
		}
	}
	panic("no such arrival in this load")
}

// part is the one that holds an arrival: kept, or drawn now. left tells whether that arrival is within the
// first halves of nodes, before which there are so many arrivals.
func (d *drawing) part(holds func(*part) bool, left func(halves []node, before int) bool) *part {
	for k := range d.kept {
		if p := d.kept[k].Load(); p != nil && holds(p) {
			return p
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for k := range d.kept { // Somebody else may have drawn it meanwhile.
		if p := d.kept[k].Load(); p != nil && holds(p) {
			return p
		}
	}
	p := d.draw(left)
	d.kept[d.next].Store(p)
	d.next = (d.next + 1) % keptParts
	return p
}

// draw goes down the tree, and draws the part at the end of the way.
func (d *drawing) draw(left func(halves []node, before int) bool) *part {
	p := &part{nodes: make([]node, len(d.streams))}
	for k, s := range d.streams {
		p.nodes[k] = node{stream: s, count: s.count}
	}
	halves := make([]node, len(d.streams))
	for range d.levels {
		for k, n := range p.nodes {
			n.seed(&d.pcg)
			halves[k] = n.half(false, d.process.left(n, d.rng))
		}
		if left(halves, p.first) {
			copy(p.nodes, halves)
			continue
		}
		for k, n := range p.nodes {
			p.first += halves[k].count
			p.nodes[k] = n.half(true, halves[k].count)
		}
	}
	d.fill(p)
	return p
}

// fill draws the arrivals of a part, and merges its streams: on a tie the first goes first.
func (d *drawing) fill(p *part) {
	count := 0
	for _, n := range p.nodes {
		count += n.count
	}
	places := make([]float64, 0, count)
	p.arrivals = make([]Arrival, 0, count)
	next, ends := make([]int, len(p.nodes)), make([]int, len(p.nodes)) // in places, of each stream
	for k, n := range p.nodes {
		next[k], ends[k] = len(places), len(places)+n.count
		places = places[:ends[k]]
		n.seed(&d.pcg)
		d.process.fill(n, d.rng, places[next[k]:])
	}
	// Rounding must not make an arrival of one part pass one of the next.
	share := func(index uint64) time.Duration {
		return d.due(d.total * (float64(index) / float64(uint64(1)<<d.levels)))
	}
	index := p.nodes[0].index
	least, most := share(index), share(index+1)
	dues := make([]time.Duration, count)
	for k, n := range p.nodes {
		scale := d.total / float64(max(n.stream.count, 1))
		for i := next[k]; i < ends[k]; i++ {
			dues[i] = min(max(d.due(float64(places[i]*scale)), least), most)
		}
	}
	for range count {
		of := -1
		for k := range next {
			if next[k] < ends[k] && (of < 0 || dues[next[k]] < dues[next[of]]) {
				of = k
			}
		}
		n := p.nodes[of]
		p.arrivals = append(p.arrivals, Arrival{dues[next[of]], of, n.first + n.count - (ends[of] - next[of])})
		next[of]++
	}
}

// due is when the load has seen so many arrivals.
func (d *drawing) due(arrivals float64) time.Duration {
	var begin time.Duration // The segment begins then.
	for k, s := range d.load {
		within := s.arrivals()
		if arrivals < within || k == len(d.load)-1 {
			// Floating point may overshoot the end by a nanosecond; [0, Length) holds.
			at := min(time.Duration(s.reach(arrivals)*float64(time.Second)), s.Length-1)
			return begin + max(at, 0)
		}
		arrivals -= within
		begin += s.Length
	}
	return 0
}
