#compdef cargo-vet
# Completes `cargo vet …` and `cargo-vet vet …` in zsh.
# Write this file to a folder in $fpath, as `_cargo-vet`. Cargo's own completion calls this function.

_cargo-vet() {
    local line
    local -a lines described
    lines=("${(@f)$(cargo-vet vet completions zsh --complete -- "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    if [[ ${lines[1]} == :files ]]; then
        _files
        return
    fi
    for line in "${lines[@]}"; do
        [[ -z $line ]] || described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe 'cargo vet' described
}

if [[ ${funcstack[1]} == _cargo-vet ]]; then
    _cargo-vet "$@"
else
    compdef _cargo-vet cargo-vet
    (( $+_comps[cargo] )) || compdef _cargo-vet cargo
fi
