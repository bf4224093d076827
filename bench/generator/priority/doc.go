// Package priority sets how soon the system lets this process's threads run when they wake up. It
// knows no load: bench/generator asks for it while one is sent.
package priority
