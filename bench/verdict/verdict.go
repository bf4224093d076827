package verdict

// Verdict is the answer to "may we upgrade?", with everything it rests on.
type Verdict struct {
	Decision Decision `json:"decision"`
	// Reasons for the decision, the most important first; never empty.
	Reasons     []string     `json:"reasons"`
	Comparisons []Comparison `json:"comparisons"`
	SLOs        []SLOResult  `json:"slos,omitempty"`
	// Costs are the comparisons of costs: of quantile 0, named by what was spent.
	Costs []Comparison `json:"costs,omitempty"`
	// Warnings are doubts that did not change the decision; Notes say what was
	// not covered or was done differently from the plan.
	Warnings []string `json:"warnings,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	// Unseen says what a pass of such a design may have missed; "" for any other decision.
	Unseen string `json:"unseen,omitempty"`
	// Design and size of what was judged.
	Profile  string `json:"profile"`
	Unit     Unit   `json:"unit"`
	Units    int    `json:"units"`
	Planned  int    `json:"planned_units"`
	Pairs    int    `json:"pairs"`
	Excluded int    `json:"excluded_pairs"`
	// Look counts the planned looks reached, from 1; 0 before the first. Level
	// is the p value a single comparison needed at it.
	Look  int     `json:"look"`
	Looks []int   `json:"looks"`
	Level float64 `json:"level,omitempty"`
	// PerProtocol judges the percentiles of the undisturbed pairs, which decide;
	// IntentionToTreat those of all pairs, which must not say the opposite.
	PerProtocol      Decision  `json:"per_protocol,omitempty"`
	IntentionToTreat Decision  `json:"intention_to_treat,omitempty"`
	Controls         []Control `json:"controls,omitempty"`

	// ByPercentiles tells that the decision rests on comparisons of response times alone: no
	// wrong answer, error, death or limit made it.
	ByPercentiles bool `json:"-"`
	// ByCosts tells that costs convicted, before percentiles were looked at.
	ByCosts bool `json:"-"`

	doubts   []string // what withholds a pass without deciding
	costs    costs    // Costs, with why some of them decide nothing
	unsteady []string // versions that were still warming up
	hiding   []string // baselines that may have been, which withholds a pass
	shared   []string // changes during the run that both versions had
	lopsided string   // why leaving pairs out may favour a version, "" when it does not
}

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
	// Failed: a run that compares nothing missed a limit or gave wrong answers, or both
	// versions gave the same wrong answers: neither can be passed, and neither is worse.
	Failed Decision = "failed"
	// Invalid: the run cannot be judged, and more of the same will not help.
	Invalid Decision = "invalid"
)
