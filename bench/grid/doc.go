// Package grid is a grid of settings: axes that are varied, the cells that they make, and
// what was found at each. It knows no server and measures nothing; names and values are
// text, and what they do is for others to know.
//
// # Slope
//
// Where the values of an axis are numbers that span a factor of ten or more, such as rows
// of a table, figures are fitted as level + slope * log10(value): an index grows a level
// with each factor, and what scans a table shows as a slope that is no such line. The
// interval of the slope is by Student's t over fresh starts of the server, each of which
// gives a figure of its own. It holds what starts differ, and not what one database
// differs from another that is filled alike.
package grid
