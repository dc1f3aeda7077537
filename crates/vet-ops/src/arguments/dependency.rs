//! Checks that a crate that the user names is a third-party dependency.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_graph::{Graph, Package};
use vet_store::Version;

/// Checks that a crate is in use. If it is not, the name is probably a typing error.
///
/// # Errors
///
/// No third-party package has this name.
pub(crate) fn check(graph: &Graph, name: &str) -> Result<(), Diagnostic> {
    let mut named = graph.packages().filter(|package| package.name() == name).peekable();
    let is_known = named.peek().is_some();
    if named.any(|package| package.is_third_party()) {
        return Ok(());
    }
    let shown = wording::shown(name);
    let message = match is_known {
        true => format!("`{shown}` is a package of this project, not a package from crates.io"),
        false => format!("`{shown}` is not a dependency of this project"),
    };
    let problem = Diagnostic::error(Code::NotADependency, message);
    let third_party = graph.packages().filter(|package| package.is_third_party());
    let names: BTreeSet<&str> = third_party.map(|package| package.name()).collect();
    Err(match wording::nearest(name, names).filter(|_| !is_known) {
        Some(nearest) => {
            problem.help(format!("did you mean `{}`? If not, use `--force`", wording::shown(nearest)))
        }
        None => problem.help("use `--force` if that is intended"),
    })
}

/// Checks a version against those in use. If it differs from one only in build metadata, the user
/// probably means that one.
///
/// # Errors
///
/// The version is not in use, and a version in use differs from it only after the plus sign.
pub(crate) fn check_version(graph: &Graph, name: &str, version: &Version) -> Result<(), Diagnostic> {
    let numbers =
        |version: &Version| semver::Version { build: semver::BuildMetadata::EMPTY, ..version.semver.clone() };
    let is_meant = |package: &Package<'_>| {
        package.name() == name
            && package.is_third_party()
            && package.version().git_rev == version.git_rev
            && numbers(package.version()) == numbers(version)
    };
    let meant: Vec<&Version> = graph.packages().filter(is_meant).map(|package| package.version()).collect();
    if meant.is_empty() || meant.contains(&version) {
        return Ok(());
    }
    let name = wording::shown(name);
    let in_use: Vec<String> = meant.iter().map(|version| format!("{name} {version}")).collect();
    let is = if in_use.len() == 1 { "is" } else { "are" };
    let in_use = wording::list(in_use.iter().map(String::as_str), "and");
    let message = format!("`{name} {version}` is not in use; {in_use} {is}");
    let meant = wording::list(
        meant.iter().map(ToString::to_string).collect::<Vec<_>>().iter().map(String::as_str),
        "or",
    );
    Err(Diagnostic::error(Code::BuildMetadata, message)
        .note("the part after the plus sign belongs to the version and distinguishes it from others")
        .help(format!("name the version {meant}, or use `--force` if you mean the other one")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_differ_in_build_metadata_are_mixed_up() {
        let graph =
            vet_testing::graph("*app -> wasi 0.11.0+preview1, zlib 1.0.0, zlib 1.0.0+2, other 1.0.0+1");
        let problem = |name: &str, version: &str| {
            check_version(&graph, name, &version.parse().unwrap()).err().map(|problem| problem.message)
        };
        for (name, version, expected) in [
            ("wasi", "0.11.0", Some("`wasi 0.11.0` is not in use; `wasi 0.11.0+preview1` is")),
            (
                "wasi",
                "0.11.0+preview2",
                Some("`wasi 0.11.0+preview2` is not in use; `wasi 0.11.0+preview1` is"),
            ),
            ("wasi", "0.11.0+preview1", None),
            ("wasi", "0.11.1", None),
            ("wasi", "0.11.0-a", None),
            ("zlib", "1.0.0", None),
            ("zlib", "1.0.0+3", Some("`zlib 1.0.0+3` is not in use; `zlib 1.0.0` and `zlib 1.0.0+2` are")),
            ("unheard-of", "0.11.0", None),
            ("app", "1.0.0+1", None),
        ] {
            assert_eq!(problem(name, version).as_deref(), expected, "{name} {version}");
        }
    }
}
