//! Reads which version of cargo's resolver selects features.

use toml::de::DeTable;

/// A version of cargo's resolver, as far as it selects features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureResolver {
    /// Version 1, or what this tool does not know. `--no-default-features` applies only to the
    /// package in the current folder.
    First,
    /// Version 2 or 3.
    Later,
}

/// Anything that cargo might not take for version 2 or 3 counts as version 1, which turns on more
/// features.
pub(super) fn feature_resolver(document: &DeTable<'_>) -> FeatureResolver {
    let value = |table: &str, key: &str| {
        let value = document.get(table)?.get_ref().as_table()?.get(key)?;
        Some(value.get_ref().as_str().unwrap_or_default())
    };
    let resolver = value("workspace", "resolver").or_else(|| value("package", "resolver"));
    let is_later = match resolver {
        Some(resolver) => matches!(resolver, "2" | "3"),
        None => matches!(value("package", "edition"), Some("2021" | "2024")),
    };
    if is_later { FeatureResolver::Later } else { FeatureResolver::First }
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::Source;

    use super::*;
    use crate::Manifest;

    #[test]
    fn what_is_not_known_counts_as_the_first_resolver() {
        let package = "[package]\nname = 'p'\n";
        for (text, expected) in [
            ("", FeatureResolver::First),
            ("edition = '2018'", FeatureResolver::First),
            ("edition = '2021'", FeatureResolver::Later),
            ("edition = '2024'", FeatureResolver::Later),
            ("edition = '2027'", FeatureResolver::First),
            ("edition.workspace = true", FeatureResolver::First),
            ("resolver = '2'", FeatureResolver::Later),
            ("resolver = '3'", FeatureResolver::Later),
            ("resolver = '4'", FeatureResolver::First),
            ("resolver = '1'\nedition = '2021'", FeatureResolver::First),
            ("resolver = 2\nedition = '2021'", FeatureResolver::First),
            ("resolver = '2'\n[workspace]\nresolver = '1'", FeatureResolver::First),
            ("edition = '2015'\n[workspace]\nresolver = '2'", FeatureResolver::Later),
            ("edition = '2021'\n[workspace]", FeatureResolver::Later),
        ] {
            let manifest = Manifest::parse(&Source::new("Cargo.toml", format!("{package}{text}"))).unwrap();
            assert_eq!(manifest.feature_resolver, expected, "{text}");
        }
        let manifest = Manifest::parse(&Source::new("Cargo.toml", "[workspace]")).unwrap();
        assert_eq!(manifest.feature_resolver, FeatureResolver::First, "virtual, without a version");
    }
}
