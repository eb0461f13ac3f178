"""The completion scripts by shell. Imports nothing: shells read one whenever they start."""

SCRIPTS = {
    "bash": """\
# eval "$(toollama completion bash)"
_toollama() {
    local IFS=$'\\n'
    COMPREPLY=($(toollama __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o bashdefault -o default -F _toollama toollama
""",
    "zsh": """\
#compdef toollama
# eval "$(toollama completion zsh)"
_toollama() {
    local -a found
    local line
    while IFS=$'\\t' read -r name about; do
        found+=("${name//:/\\\\:}:${about}")
    done < <(toollama __complete "${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)
    if (( ${#found} )); then _describe toollama found; else _files; fi
}
compdef _toollama toollama
""",
    "fish": """\
# toollama completion fish | source
function __toollama_complete
    set -l words (commandline -opc) (commandline -ct)
    toollama __complete $words[2..-1] 2>/dev/null
    or __fish_complete_path (commandline -ct)
end
complete -c toollama -f -a '(__toollama_complete)'
""",
}
