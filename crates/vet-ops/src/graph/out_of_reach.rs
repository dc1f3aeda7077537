//! Why cargo failed: sources are unreachable, or cargo refuses the project.
//!
//! If git sources are unreachable, cargo has not judged the project, and a check continues with a
//! warning. If cargo refuses the lock file or the sources, a check must not pass. Cargo
//! distinguishes the two only in the text of its messages. So only messages that are known to be
//! about the network count as unreachable, and any message of a refusal takes precedence.

use vet_diagnostics::Diagnostic;

/// Cargo's message for a source that it could not fetch.
const UNFETCHED: &str = "nable to update ";

/// Cargo's messages when it refuses a lock file, a manifest, or the content of a repository.
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

/// Whether cargo failed only because it could not fetch a source.
pub(super) fn are_out_of_reach(problems: &[Diagnostic]) -> bool {
    let words = |problem: &Diagnostic| problem.notes.iter().any(|note| is_out_of_reach(note));
    problems.iter().all(words)
}

fn is_out_of_reach(words: &str) -> bool {
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
