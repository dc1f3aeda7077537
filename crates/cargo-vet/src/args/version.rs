//! Versions on the command line.

use std::collections::BTreeSet;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use vet_diagnostics::wording;
use vet_graph::LockFile;
use vet_project::Project;
use vet_store::Version;

/// Parses a version. The error says which one was probably meant.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    text.parse::<Version>().map_err(|error| match meant(text) {
        Some(meant) if numbers(text) == 3 => format!("not a full version; did you mean `{meant}`?"),
        Some(meant) => format!("a full version has three numbers, such as `{meant}`"),
        None => error.to_string(),
    })
}

/// The version that is left if what people write around versions is removed and missing numbers are
/// zero: `v1.2`, `=1.2.0`.
fn meant(text: &str) -> Option<Version> {
    let (number, revision) = text.split_once('@').map_or((text, None), |(number, git)| (number, Some(git)));
    let number = bare(number);
    let zeros = match numbers(number) {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    let revision = revision.map(|revision| format!("@{revision}")).unwrap_or_default();
    format!("{number}{zeros}{revision}").parse().ok()
}

fn bare(text: &str) -> &str {
    text.trim().trim_start_matches(['v', 'V', '=', '^', '~'])
}

fn numbers(text: &str) -> usize {
    text.split('.').count()
}

/// Adds the version in use to an error about an incomplete version. The project is that of the
/// current folder; without one, the error stays as it is.
pub(crate) fn with_version_in_use(mut error: clap::Error, args: &[String]) -> clap::Error {
    if error.kind() != ErrorKind::ValueValidation {
        return error;
    }
    let Some(ContextValue::String(text)) = error.get(ContextKind::InvalidValue) else { return error };
    let Some(tip) = package_before(text, args).and_then(|package| {
        let lock = Project::find(&std::env::current_dir().ok()?, None, None).ok()?.lock_file().ok()?;
        tip(&LockFile::parse(&lock).ok()?, package, text)
    }) else {
        return error;
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// The name of a package that stands before a version: `add-exemption serde 1.0`.
fn package_before<'a>(version: &str, args: &'a [String]) -> Option<&'a str> {
    let place = args.iter().position(|arg| arg == version).filter(|_| meant(version).is_some())?;
    let is_name = |arg: &&String| !arg.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    args.get(..place)?.iter().rev().find(is_name).map(String::as_str)
}

/// Says which versions of a package are in use. If the numbers of some begin like the text, only
/// these.
fn tip(lock: &LockFile, package: &str, text: &str) -> Option<String> {
    let in_use: BTreeSet<_> =
        lock.packages.iter().filter(|locked| locked.name == package).map(|locked| &locked.version).collect();
    let (number, _) = text.split_once('@').unwrap_or((text, ""));
    let begin = format!("{}.", bare(number));
    let alike = in_use.iter().filter(|version| version.to_string().starts_with(&begin));
    let alike: Vec<String> = alike.map(ToString::to_string).collect();
    let versions = match alike.is_empty() {
        true => in_use.iter().map(ToString::to_string).collect(),
        false => alike,
    };
    let named: Vec<String> = versions.iter().map(|version| format!("{package} {version}")).collect();
    let verb = match named.len() {
        0 => return None,
        1 => "is",
        _ => "are",
    };
    Some(format!("{} {verb} in use", wording::list(named.iter().map(String::as_str), "and")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_use_are_named() {
        let package = |name: &str, version: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n")
        };
        let packages = [package("a", "1.2.3"), package("b", "1.3.2"), package("b", "2.1.0")].concat();
        let source = vet_diagnostics::Source::new("Cargo.lock", format!("version = 4\n\n{packages}"));
        let lock = LockFile::parse(&source).unwrap();
        for (package, text, expected) in [
            ("a", "1.0", Some("`a 1.2.3` is in use")),
            ("b", "1", Some("`b 1.3.2` is in use")),
            ("b", "v2", Some("`b 2.1.0` is in use")),
            ("b", "3", Some("`b 1.3.2` and `b 2.1.0` are in use")),
            ("c", "1", None),
        ] {
            assert_eq!(tip(&lock, package, text).as_deref(), expected, "{package} {text}");
        }
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (line, version, expected) in [
            ("cargo-vet vet add-exemption a 1.0", "1.0", Some("a")),
            ("cargo-vet vet certify a 1.0.0 1.1", "1.1", Some("a")),
            ("cargo-vet vet inspect --mode=local a 1", "1", Some("a")),
            ("cargo-vet vet certify a safe-to-run", "safe-to-run", None),
        ] {
            assert_eq!(package_before(version, &words(line)), expected, "{line}");
        }
    }

    #[test]
    fn full_versions_are_guessed() {
        for (text, expected) in [
            ("1.0.0", Ok("1.0.0")),
            ("1.0.0-rc.1+b", Ok("1.0.0-rc.1+b")),
            ("1.0", Err("a full version has three numbers, such as `1.0.0`")),
            ("1", Err("a full version has three numbers, such as `1.0.0`")),
            ("v1.2", Err("a full version has three numbers, such as `1.2.0`")),
            ("v1.2.3", Err("not a full version; did you mean `1.2.3`?")),
            ("=1.2.3", Err("not a full version; did you mean `1.2.3`?")),
            (
                "safe-to-run",
                Err("`safe-to-run` is not a full version such as `1.2.3`: unexpected character 's' while \
                     parsing major version number"),
            ),
        ] {
            let read = version(text).map(|version| version.to_string());
            assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
        assert!(version("1.0.0@git:abc").is_err());
        assert!(version("").is_err());
    }
}
