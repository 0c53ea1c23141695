# Completion of switchboard-load for bash. Made by `switchboard-load --completion bash`.
_switchboard_load() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $previous in
    --config|--body|--ca|--json) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --arrivals) mapfile -t COMPREPLY < <(compgen -W 'uniform poisson' -- "$current"); return ;;
    --verify) mapfile -t COMPREPLY < <(compgen -W 'none ids count' -- "$current"); return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '--help --version --config --source --sample --body --keys --seed --url --ca --insecure --rate --ramp --closed --arrivals --connections --duration --warmup --timeout --json --pid --verify --consume --kafka --topic --admin --verify-wait' -- "$current")
}
complete -o filenames -F _switchboard_load switchboard-load
