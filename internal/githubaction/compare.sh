#!/usr/bin/env bash
# Calls oauthbench compare with the inputs PLAN, BASELINE, CANDIDATE, PROFILE, FAIL_ON, OUT and
# ARGS, and says on $GITHUB_OUTPUT what this run decided and where its report is.
set -euo pipefail
refuse() {
  echo "::error::$1"
  exit 2
}
# A line break in a value would end it, and begin another output of this step.
for value in "$OUT" "$PLAN" "$BASELINE" "$CANDIDATE" "$PROFILE" "$FAIL_ON"; do
  if [[ $value == *[[:cntrl:]]* ]]; then refuse "an input has a line break or a control character in it"; fi
done
# A decision is this run's or none: each run has a directory of its own.
out=${OUT:-oauthbench-report}
if [[ -z $OUT ]]; then
  for ((n = 2; ; n++)); do
    if [[ ! -e $out ]]; then break; fi
    out=oauthbench-report-$n
  done
elif [[ -e $out/verdict.json || -e $out/releases.json || -e $out/run.jsonl ]]; then
  refuse "$out holds the report of an earlier run: give this step an out of its own, or none"
fi
flags=("--fail-on=${FAIL_ON:-inconclusive}" "--out=$out")
if [[ -n $PLAN ]]; then flags+=("--plan=$PLAN"); fi
if [[ -n $PROFILE ]]; then flags+=("--profile=$PROFILE"); fi # without it the plan's own
if [[ -n $BASELINE ]]; then flags+=("--baseline=$BASELINE"); fi
if [[ -n $CANDIDATE ]]; then flags+=("--candidate=$CANDIDATE"); fi
while IFS= read -r word; do
  case $word in
    "") continue ;;
    --out | --out=* | --fail-on | --fail-on=*) refuse "args: ${word%%=*} is an input of its own" ;;
  esac
  # A flag and its value on one line would reach oauthbench as one flag of that name.
  if [[ $word =~ ^(--?[a-z-]+)[[:blank:]]+(.*)$ ]]; then
    refuse "args: ${BASH_REMATCH[1]} and its value are two words: write ${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
  fi
  flags+=("$word")
done <<<"$ARGS"
echo "report=$out" >>"$GITHUB_OUTPUT"
echo "artifact=${out//[^0-9A-Za-z._-]/-}" >>"$GITHUB_OUTPUT" # a name that an artifact may have
code=0
oauthbench compare "${flags[@]}" || code=$?
decision=
# One candidate leaves a verdict, several a table of releases; both begin with the decision.
for file in "$out/verdict.json" "$out/releases.json"; do
  if [[ -f $file ]]; then
    decision=$(grep -m 1 '"decision"' -- "$file" | cut -d '"' -f 4) || decision= # a file without one decided nothing
    case $decision in
      pass | regression | failed | inconclusive | invalid | measured)
        echo "decision=$decision" >>"$GITHUB_OUTPUT"
        break
        ;;
      *) decision= ;;
    esac
  fi
done
# What decided nothing, such as --help among ARGS, is no gate that was passed.
if [[ $code == 0 && -z $decision ]]; then
  echo "::error::oauthbench compare ended without a verdict"
  exit 3
fi
exit "$code"
