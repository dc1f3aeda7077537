//! An index's facts about a version of a package.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use vet_graph::Declared;
use vet_graph::declared::{PublishedDependency, PublishedOrigin, Terms};
use vet_graph::manifest::DependencyKind;

use vet_project::sha256::is_sha256;

/// A version of a crate in an index.
#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    cksum: String,
    #[serde(default)]
    deps: Vec<Dependency>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    /// Features in a syntax that old versions of cargo do not understand.
    #[serde(default)]
    features2: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    links: Option<String>,
    /// The version of the format.
    #[serde(default = "oldest")]
    v: u32,
}

/// The newest supported version of the format.
const NEWEST: u32 = 2;

fn oldest() -> u32 {
    1
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default = "yes")]
    default_features: bool,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    /// The name of the package, if the dependency is renamed.
    #[serde(default)]
    package: Option<String>,
    /// The URL of the index, if it is another one.
    #[serde(default)]
    registry: Option<String>,
}

fn yes() -> bool {
    true
}

/// An index's facts about a version: the checksum of its archive, and the declarations of the
/// package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexFacts<'t> {
    pub(super) checksum: &'t str,
    pub(super) declared: &'t str,
}

impl<'t> IndexFacts<'t> {
    /// Parses what [`facts`] wrote.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let (checksum, declared) = text.split_once('\n')?;
        Some(IndexFacts { checksum, declared })
    }
}

/// The result of looking up a version in an entry: the facts, as lines, if they are clear.
pub(super) enum InEntry {
    Facts(String),
    /// There is no such version.
    Absent,
    /// Cargo may interpret the entry differently.
    Unclear,
}

/// Looks up a version in an entry, which has one line of JSON for each version.
pub(super) fn find(entry: &str, name: &str, version: &semver::Version) -> InEntry {
    let number = version.to_string();
    let mut found = None;
    for line in entry.lines().filter(|line| line.contains(&number)) {
        let Ok(line) = serde_json::from_str::<Line>(line) else { return InEntry::Unclear };
        if line.vers != number || line.name != name {
            continue;
        }
        if found.is_some() {
            return InEntry::Unclear;
        }
        found = Some(line);
    }
    match found {
        None => InEntry::Absent,
        Some(line) => line.facts().map_or(InEntry::Unclear, InEntry::Facts),
    }
}

impl Line {
    fn facts(self) -> Option<String> {
        if self.v > NEWEST || !is_sha256(&self.cksum) {
            return None;
        }
        let mut features = self.features;
        for (name, on) in self.features2.unwrap_or_default() {
            features.entry(name).or_default().extend(on);
        }
        let wanted = self.deps.into_iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let dependencies = wanted.map(Dependency::declared).collect::<Option<Vec<_>>>()?;
        let declared = Declared::new(features, &dependencies, None, self.links.as_deref());
        Some(format!("{}\n{}", self.cksum, declared.text()))
    }
}

impl Dependency {
    fn declared(self) -> Option<PublishedDependency> {
        let condition = match self.target {
            Some(target) => Some(Arc::new(target.parse().ok()?)),
            None => None,
        };
        Some(PublishedDependency {
            kind: match self.kind.as_deref() {
                Some("build") => DependencyKind::Build,
                _ => DependencyKind::Normal,
            },
            package: self.package.unwrap_or_else(|| self.name.clone()),
            terms: Terms {
                key: self.name,
                optional: self.optional,
                default_features: self.default_features,
                features: self.features,
                condition,
            },
            requirement: Some(self.req.parse().ok()?),
            origin: self.registry.map_or(PublishedOrigin::Same, PublishedOrigin::Index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKSUM: &str = "9ba9e9ec16c447027685b1f897b720e18e9a8afd00bd7332c483537e38086c9f";

    fn line(version: &str, rest: &str) -> String {
        format!("{{\"name\":\"a\",\"vers\":\"{version}\",\"cksum\":\"{CHECKSUM}\"{rest}}}\n")
    }

    fn found(entry: &str) -> String {
        match find(entry, "a", &semver::Version::new(1, 0, 0)) {
            InEntry::Facts(text) => {
                let facts = IndexFacts::read(&text).unwrap();
                assert_eq!(facts.checksum, CHECKSUM);
                assert_eq!(
                    Declared::from_text(facts.declared).is_proc_macro(),
                    None,
                    "an index does not say what is a macro"
                );
                facts.declared.replace('\t', "|")
            }
            InEntry::Absent => "absent".to_owned(),
            InEntry::Unclear => "unclear".to_owned(),
        }
    }

    #[test]
    fn what_the_index_has_of_a_version() {
        let deps = r#","deps":[
            {"name":"b","req":"^1","features":["x"],"optional":true,"default_features":false,"target":"cfg(unix)","kind":"normal"},
            {"name":"renamed","package":"c","req":">=1, <3","features":[],"optional":false,"default_features":true,"target":null,"kind":"build"},
            {"name":"other","req":"1","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","registry":"https://other.example/index"},
            {"name":"d","req":"*","features":[],"optional":false,"default_features":true,"target":null,"kind":"dev"}
        ],"features":{"one":["b/x"]},"features2":{"one":["dep:b"],"two":["b?/y"]},"links":"l","v":2"#;
        let entry = [line("0.9.0", ""), line("1.0.0", &deps.replace('\n', "")), line("1.0.0-a", "")].concat();
        insta::assert_snapshot!(found(&entry));
    }

    #[test]
    fn what_is_not_there_or_not_clear() {
        let dependency =
            |rest: &str| line("1.0.0", &format!(",\"deps\":[{{\"name\":\"b\",\"req\":\"1\"{rest}}}]"));
        assert!(found(&dependency("")).contains("nb|"));
        for entry in [
            String::new(),
            line("1.0.1", ""),
            line("1.0.0+a", ""),
            line("1.0.0", "").replace("\"a\"", "\"A\""),
        ] {
            assert_eq!(found(&entry), "absent", "{entry}");
        }
        for entry in [
            dependency(",\"target\":\"cfg(\""),
            dependency("").replace("\"req\":\"1\"", "\"req\":\"nonsense\""),
            dependency("").replace('[', "{"),
            line("1.0.0", "").replace(CHECKSUM, "00"),
            line("1.0.0", ",\"v\":3"),
            line("1.0.0", "").repeat(2),
        ] {
            assert_eq!(found(&entry), "unclear", "{entry}");
        }
    }
}
