//! Recognizes kinds of files by their names.

/// Names of texts that come with a crate, without an extension.
const TEXTS: [&str; 16] = [
    "authors",
    "changelog",
    "changes",
    "code_of_conduct",
    "contributing",
    "contributors",
    "copying",
    "copyright",
    "history",
    "licence",
    "license",
    "notice",
    "readme",
    "releases",
    "security",
    "unlicense",
];

/// Extensions of texts for people.
const TEXT_ENDINGS: [&str; 5] = ["adoc", "markdown", "md", "org", "rst"];

/// Extensions that a text with one of the [names](TEXTS) may have.
const PLAIN_ENDINGS: [&str; 3] = ["html", "txt", "text"];

/// Names of licences that may follow the last full stop of a file name: `LICENSE.BSD-3-Clause`,
/// `LICENSE-Apache-2.0`.
const LICENCES: [&str; 14] = [
    "0",
    "1",
    "2",
    "3",
    "apache",
    "boost",
    "bsd",
    "clause",
    "exception",
    "isc",
    "llvm",
    "mit",
    "with",
    "zlib",
];

/// Settings of tools that are not part of a build.
const SETTINGS: [&str; 25] = [
    ".appveyor.yml",
    ".cirrus.yml",
    ".clang-format",
    ".clang-tidy",
    ".clippy.toml",
    ".codecov.yml",
    ".editorconfig",
    ".git-blame-ignore-revs",
    ".gitattributes",
    ".gitignore",
    ".gitlab-ci.yml",
    ".gitmodules",
    ".ignore",
    ".mailmap",
    ".pre-commit-config.yaml",
    ".rustfmt.toml",
    ".travis.yml",
    "appveyor.yml",
    "clippy.toml",
    "codecov.yml",
    "deny.toml",
    "release.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "rustfmt.toml",
];

/// Whether a file is a text for people.
pub(super) fn is_documentation(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    // `LICENSE-MIT` and `LICENSE.Apache` are licences. `license-list.txt` may be anything.
    let first = name.split(['-', '.', '_']).next().unwrap_or(&name);
    let is_licence = |first| matches!(first, "license" | "licence" | "copying" | "unlicense");
    TEXT_ENDINGS.contains(&ending)
        || TEXTS.contains(&name.as_str())
        || (TEXTS.contains(&stem) && PLAIN_ENDINGS.contains(&ending))
        || (is_licence(first) && (ending.is_empty() || ending == "txt"))
        || (is_licence(first) && ending.split(['-', '_']).all(|word| LICENCES.contains(&word)))
}

/// Whether a file contains settings of a tool that does not affect a build. The path is relative to
/// the root of the package.
pub(super) fn is_settings(path: &str) -> bool {
    SETTINGS.contains(&path)
        || [".github/", ".circleci/", ".vscode/", ".idea/"].iter().any(|at| path.starts_with(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for path in [
            "README.md",
            "LICENSE",
            "LICENSE-MIT",
            "docs/x.rst",
            "license-apache.txt",
            "CHANGELOG",
            "a/NOTICE.txt",
            "LICENSE-Apache-2.0_WITH_LLVM-exception",
            "LICENSE.BSD-3-Clause",
        ] {
            assert!(is_documentation(path), "{path}");
        }
        for path in
            ["words.txt", "readme.c", "changes.json", "license.c", "x", "src/history.in", "license.rs"]
        {
            assert!(!is_documentation(path), "{path}");
        }
    }

    #[test]
    fn settings() {
        for path in [".github/workflows/ci.yml", ".gitignore", "rustfmt.toml"] {
            assert!(is_settings(path), "{path}");
        }
        for path in ["config.toml", "c/.gitignore", "github/x", "Makefile"] {
            assert!(!is_settings(path), "{path}");
        }
    }
}
