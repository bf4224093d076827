package verdict

// Decision is the outcome of a comparison or of a run.
type Decision string

const (
	// Pass: every gating comparison is better than its margin, nothing else
	// speaks against the candidate.
	Pass Decision = "pass"
	// Regression: the candidate is worse: slower than the margin beyond chance,
	// failing more often, answering wrongly, or missing an SLO.
	Regression Decision = "regression"
	// Inconclusive: the data allow neither. More units may decide.
	Inconclusive Decision = "inconclusive"
	// Measured: the run compares nothing and no limit was set, so that there are figures
	// and nothing to decide.
	Measured Decision = "measured"
	// Failed: a run that compares nothing missed a limit or gave wrong answers.
	Failed Decision = "failed"
	// Invalid: the run cannot be judged, and more of the same will not help.
	Invalid Decision = "invalid"
)
