# Completes `cargo vet …` and `cargo-vet vet …` in fish.
# Write this file to ~/.config/fish/conf.d/cargo-vet.fish.

function __cargo_vet_complete
    set -l current (commandline -ct)
    set -l found (cargo-vet vet completions fish --complete -- (commandline -opc) "$current" 2>/dev/null)
    if test "$found[1]" = ':files'
        __fish_complete_path "$current"
    else
        printf '%s\n' $found
    end
end

complete -c cargo-vet -f -a '(__cargo_vet_complete)'
complete -c cargo -n 'contains -- vet (commandline -opc)' -f -a '(__cargo_vet_complete)'
