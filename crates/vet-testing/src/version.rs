//! Versions in a short form.

use vet_store::Version;

/// Parses a version: `1` is `1.0.0`, and `1@git:7` has a revision of forty sevens.
///
/// # Panics
///
/// The text is not a version.
pub fn version(text: &str) -> Version {
    let text = text.trim();
    let (number, revision) = match text.split_once("@git:") {
        Some((number, digit)) if digit.len() == 1 => (number, format!("@git:{}", digit.repeat(40))),
        Some((number, revision)) => (number, format!("@git:{revision}")),
        None => (text, String::new()),
    };
    let zeros = if number.parse::<u64>().is_ok() { ".0.0" } else { "" };
    format!("{number}{zeros}{revision}")
        .parse()
        .unwrap_or_else(|error| panic!("a version of a test: `{text}`: {error}"))
}

/// Writes a version in the form that [`version`] parses.
pub(crate) fn short(version: &Version) -> String {
    let number = version.semver.to_string();
    let number = number.strip_suffix(".0.0").filter(|major| major.parse::<u64>().is_ok()).unwrap_or(&number);
    match version.git_rev.as_ref().and_then(|revision| revision.as_str().get(..1)) {
        Some(digit) => format!("{number}@git:{digit}"),
        None => number.to_owned(),
    }
}
