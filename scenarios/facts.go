package scenarios

// Fact is a count or a lag that a trial carries beside its measurements.
type Fact struct{ Name, Summary string }

// Facts are all there are.
var Facts = []Fact{
	{FactRefusalsAsked, "requests with a wrong secret, with none, or for another client's token, beside the trial; every scenario has them"},
	{FactRefusals, "those of them that were refused; one that is accepted is an Invalid answer"},
	{FactRetries, "grants whose refresh token was sent twice and that were refreshed once more after the trial, at most 200 a trial"},
	{FactChainsKilled, "those of them that could then not be refreshed any more; the server's grace is in its settings"},
	{FactWatched, "revoked tokens that the oracle watched until they were inactive"},
	{FactSkipped, "revoked tokens that it should have watched, but it had its hands full"},
	{FactUnanswered, "questions of the oracle that got no answer; their tokens are in no lag"},
	{FactRevived, "revoked tokens that were active again after they had been inactive; each is an Invalid answer"},
	{FactLate, "revoked tokens that were still active when the trial ended, and inactive at most 5 s later"},
	{LagRevocation, "a histogram: from the last byte of the answer to a revocation to when the question was sent that was answered with inactive"},
}
