// Package varied measures a grid: one search for capacity, or trials at a fixed rate, for
// each combination of settings. It knows what a name that is varied does to a plan, refuses
// what would have no effect before anything is started, says what all of it costs, and
// stores each cell as a run of its own, so that an interrupted grid goes on where it stood.
// What the cells show is for bench/grid/stored to say.
package varied
