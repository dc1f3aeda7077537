//! Versions on the command line.

use vet_store::Version;

/// Parses a version. The error says which one was probably meant.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    text.parse::<Version>().map_err(|error| match meant(text) {
        Some(meant) => format!("not a full version; did you mean `{meant}`?"),
        None => error.to_string(),
    })
}

/// The version that is left if what people write around versions is removed and missing numbers are
/// zero: `v1.2`, `=1.2.0`.
fn meant(text: &str) -> Option<Version> {
    let (number, revision) = text.split_once('@').map_or((text, None), |(number, git)| (number, Some(git)));
    let number = number.trim().trim_start_matches(['v', 'V', '=', '^', '~']);
    let zeros = match number.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    let revision = revision.map(|revision| format!("@{revision}")).unwrap_or_default();
    format!("{number}{zeros}{revision}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_versions_are_guessed() {
        for (text, expected) in [
            ("1.0.0", Ok("1.0.0")),
            ("1.0.0-rc.1+b", Ok("1.0.0-rc.1+b")),
            ("1.0", Err("not a full version; did you mean `1.0.0`?")),
            ("1", Err("not a full version; did you mean `1.0.0`?")),
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
