# Stages with a banner, their time, and a hint when one fails. Sourced by tests/run, tests/soak and deploy/quickstart.
#   stage "what happens now" "what to try when it fails"
#   run command …            runs it; on failure prints command and hint, and ends the script
#   stages_done              the table of times

stages_began=$SECONDS stage_began=$SECONDS stage_name='' stage_hint='' stage_times=()
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then stage_bold=$'\e[1m' stage_red=$'\e[31m' stage_plain=$'\e[0m'; else stage_bold='' stage_red='' stage_plain=''; fi

stage_end() {
  if [ -z "$stage_name" ]; then return; fi
  stage_times+=("$(printf '%6d s  %s' $((SECONDS - stage_began)) "$stage_name")")
  printf '%s== %s: %d s%s\n' "$stage_bold" "$stage_name" $((SECONDS - stage_began)) "$stage_plain"
  stage_name=''
}

stage() {
  stage_end
  stage_name=$1 stage_hint=${2:-} stage_began=$SECONDS
  printf '\n%s== %s%s\n' "$stage_bold" "$stage_name" "$stage_plain"
}

stage_fail() {
  printf '\n%s== failed: %s (after %d s)%s\n' "$stage_red" "$stage_name" $((SECONDS - stage_began)) "$stage_plain" >&2
  if [ $# -gt 0 ]; then printf '   command: %s\n' "$*" >&2; fi
  if [ -n "$stage_hint" ]; then printf '   try:     %s\n' "$stage_hint" >&2; fi
}

run() {
  local code=0
  "$@" || code=$?
  if [ $code -ne 0 ]; then
    stage_fail "$(printf '%q ' "$@")(exit $code)"
    exit 1
  fi
}

stages_done() {
  stage_end
  printf '\n%s== time%s\n' "$stage_bold" "$stage_plain"
  printf '%s\n' "${stage_times[@]}"
  printf '%6d s  in all\n' $((SECONDS - stages_began))
}
