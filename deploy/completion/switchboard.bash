# Completion of switchboard for bash. Made by `switchboard completion bash`.
_switchboard() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
  COMPREPLY=()
  case $previous in
    --config|-c|--capture|--requests|--from|--output|-o) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --journal) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --capture-mode) mapfile -t COMPREPLY < <(compgen -W 'sealed redacted plain' -- "$current"); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W 'serve check connectors send tail topics decode replay journal --help --version' -- "$current")
    return
  fi
  case $command in
    topics|journal) if [ "$COMP_CWORD" -gt 2 ]; then command="$command ${COMP_WORDS[2]}"; fi ;;
  esac
  case $command in
    'serve') words='--help --config --until-empty --capture --capture-mode --capture-source' ;;
    'check') words='--help --config --reference --kafka' ;;
    'connectors') words='--help --json --markdown --events --example' ;;
    'send') words='--help --config --all --sample --count --url --print' ;;
    'tail') words='--help --config --topic --channel --source --key --type --json --from-beginning --count --admin' ;;
    'topics') words='create verify show --help' ;;
    'topics create') words='--help --config --json' ;;
    'topics verify') words='--help --config --json' ;;
    'topics show') words='--help --config --json' ;;
    'decode') words='--help --config --requests --skip-verify --source' ;;
    'replay') words='--help --config --from --source --run --supersede --journal --admin' ;;
    'journal') words='inspect verify repair export forward --help' ;;
    'journal inspect') words='--help --json' ;;
    'journal verify') words='--help --json' ;;
    'journal repair') words='--help --yes --cut' ;;
    'journal export') words='--help --output' ;;
    'journal forward') words='--help --config' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$current")
  if [ "${#COMPREPLY[@]}" -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}
complete -o filenames -F _switchboard switchboard
