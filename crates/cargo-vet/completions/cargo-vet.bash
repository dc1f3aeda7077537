# Completes `cargo vet …` and `cargo-vet vet …` in bash.
# Add this line to ~/.bashrc: source <(cargo vet completions bash)

_cargo_vet() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\t'*}")
    done < <(cargo-vet vet completions bash --complete -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    if [[ ${COMPREPLY[0]-} == :files ]]; then
        COMPREPLY=()
        compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    fi
}

# The completion of cargo does not know other programs, so it is asked about all commands but `vet`.
_cargo_vet_or_other() {
    case " ${COMP_WORDS[*]:1:COMP_CWORD-1} " in
        *" vet "*) _cargo_vet "$@" ;;
        *) [[ -z ${_cargo_vet_other-} ]] || "$_cargo_vet_other" "$@" ;;
    esac
}

complete -F _cargo_vet cargo-vet
if ! complete -p cargo &>/dev/null && declare -F _completion_loader >/dev/null; then
    _completion_loader cargo &>/dev/null
fi
if [[ $(complete -p cargo 2>/dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _cargo_vet_or_other ]]; then
    _cargo_vet_other=${BASH_REMATCH[1]}
fi
complete -o bashdefault -o default -F _cargo_vet_or_other cargo
