// Package githubaction holds what action.yml runs, and tests it: the scripts take every input from
// their environment, so that a shell never reads one as code.
//
//   - which.sh says which oauthbench a job gets: a release, or one that is built
//   - get.sh downloads a release and checks its sum, or builds the action's own sources
//   - compare.sh calls oauthbench compare, and says what this run decided
//   - comment.cjs keeps one comment on a pull request up to date
package githubaction
