// Package session is the life of a run: targets are started, rates and warm-up are found
// by pilots, the length of the trials is fitted to the budget, epochs are measured with
// fresh processes, disturbed pairs are repeated, and all of it is stored as it goes.
//
// It knows no command line and prints nothing: an Observer is told what happens. It
// decides nothing either; whoever asks for a run may say after each epoch that more
// trials can add nothing.
package session
