package capacityrun

// Help says what the command does.
const Help = `Capacity offers a server more and more requests until it misses a limit, finds the
highest rate that keeps them all, confirms it over two fresh starts, and says what was the
limit. The rate is of all scenarios together, in the proportions of --mix. With --baseline
two versions are searched in turns, and the candidate must carry as much, but for the margin.
What it will cost is said before it starts; what was measured is kept trial by trial.

Exit codes: 0 certified, or the candidate carries enough; 1 the limits are kept at no rate,
an answer was wrong, or the candidate carries less; 2 usage or plan error; 3 undecided,
interrupted, or out of time; 4 a target could not start.`

// Examples are pasteable.
const Examples = `  oauthbench capacity --mix token=20,introspect=75,revoke=5 --slo 'p99 < 50ms'
  oauthbench capacity --target hydra:v2.3.0 --slo 'p99 < 50ms' --soak 5m
  oauthbench capacity --baseline embedded:v1 --slo 'p95 < 300ms'
  oauthbench capacity --resume oauthbench-results/20260101-120000-capacity`
