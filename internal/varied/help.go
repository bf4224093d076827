package varied

// Help says what a search for capacity does when something is varied.
const Help = `With --vary or several --replicas a grid is measured, a search for each combination of
settings, or with --rate their P95 and P99 at that rate: each cell is stored as a run of
its own, and --resume goes on with the cells that are left.`

// Examples are pasteable.
const Examples = `  oauthbench capacity --slo 'p99 < 50ms' --replicas 1,2,3,4
  oauthbench capacity --slo 'p99 < 50ms' --target hydra:v2.3.0 --vary pool=5,20
  oauthbench capacity --rate 50/s --target reference:v2 \
      --vary dataset.tokens=1e4,1e6`
