"""The completion scripts of bash, zsh and fish.

Each hands the words up to the cursor to `toollama __complete`, which decides what may follow, and
completes file names where that names nothing.
"""

BASH = """\
# eval "$(toollama completion bash)"
_toollama() {
    # bash splits words at = and : too; they are put together again, and only the part behind
    # the last one is replaced.
    local current=${COMP_WORDS[COMP_CWORD]} glued='' piece word
    local -a words=()
    [[ $current == [=:] ]] && current=''
    for piece in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ( -n $glued || $piece == [=:]* ) ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
        [[ $piece == [=:] ]] && glued=1 || glued=''
    done
    local last=${words[${#words[@]} - 1]}
    local kept=${last%"$current"}
    COMPREPLY=()
    while IFS=$'\\t' read -r word _; do
        COMPREPLY+=("${word#"$kept"}")
    done < <(toollama __complete "${words[@]}" 2>/dev/null)
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -o bashdefault -o default -F _toollama toollama
"""

ZSH = """\
#compdef toollama
# eval "$(toollama completion zsh)"
_toollama() {
    local -a found
    local name about
    while IFS=$'\\t' read -r name about; do
        found+=("${name//:/\\\\:}:${about}")
    done < <(toollama __complete "${(Q)words[@]:1:$((CURRENT - 1))}" 2>/dev/null)
    if (( ${#found} )); then
        _describe -V toollama found
    else
        [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
        _files
    fi
}
if [[ ${funcstack[1]} == _toollama ]]; then _toollama "$@"; else compdef _toollama toollama; fi
"""

FISH = """\
# toollama completion fish | source
function __toollama_complete
    set -l words (commandline -opc) (commandline -ct)
    toollama __complete $words[2..-1] 2>/dev/null
    or __fish_complete_path (commandline -ct)
end
complete -c toollama -f -k -a '(__toollama_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""By the name of the shell."""
