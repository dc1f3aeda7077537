//! Why cargo could not say: because sources are out of reach, or because it refuses the project.
//!
//! Where git sources are out of reach, cargo has no opinion, and a check goes on with a warning. Where cargo refuses the lock
//! file or what it found, a check must not pass. Cargo tells the two apart only in words, so only what is known to be about
//! the network counts as out of reach, and any word of a refusal outweighs it.

/// What cargo says of a source that it could not fetch.
const UNFETCHED: &str = "nable to update ";

/// What cargo says where it refuses a lock file, a manifest, or what a repository has.
const REFUSALS: [&str; 10] = [
    "--locked was passed",
    "lock file",
    "couldn't find remote ref",
    "not our ref",
    "revspec",
    "object not found",
    "no matching package",
    "failed to select a version",
    "failed to parse",
    "could not find `Cargo.toml`",
];

/// Whether cargo could not answer only because it could not fetch a source.
pub(super) fn is_out_of_reach(words: &str) -> bool {
    words.contains(UNFETCHED) && !REFUSALS.iter().any(|refusal| words.contains(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_network_is_out_of_reach() {
        let unfetched = "error: failed to get `a` as a dependency of package `app v0.1.0`\n\nCaused by:\n  failed to load source \
                         for dependency `a`\n\nCaused by:\n  Unable to update https://git.example/a?branch=main#0123\n\nCaused \
                         by:\n  ";
        for (cause, expected) in [
            (
                "failed to clone into: /home/me/.cargo/git/db/a-0123\n\nCaused by:\n  network failure seems to have happened",
                true,
            ),
            ("can't checkout from 'https://git.example/a': you are in the offline mode (--offline)", true),
            (
                "failed to fetch into: …\n\nCaused by:\n  fatal: couldn't find remote ref refs/heads/main",
                false,
            ),
            (
                "failed to fetch into: …\n\nCaused by:\n  fatal: remote error: upload-pack: not our ref 0123",
                false,
            ),
            ("revspec '0123' not found; class=Reference (4); code=NotFound (-3)", false),
            ("no matching package named `a` found", false),
        ] {
            assert_eq!(is_out_of_reach(&format!("{unfetched}{cause}")), expected, "{cause}");
        }
        let locked =
            "error: cannot update the lock file Cargo.lock because --locked was passed to prevent this";
        assert!(!is_out_of_reach(locked));
        assert!(!is_out_of_reach(&format!("{unfetched}failed to clone into: …\n{locked}")));
        assert!(!is_out_of_reach("error: something else"));
    }
}
