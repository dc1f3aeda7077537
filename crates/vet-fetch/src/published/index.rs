//! What cargo keeps of its index about published packages, where their archives are not at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use tame_index::index::cache::ValidCacheEntry;
use tame_index::utils::split;
use vet_graph::Declared;
use vet_graph::declared::{PublishedDependency, PublishedOrigin, Terms};
use vet_graph::lock_file::LockedPackage;
use vet_graph::manifest::DependencyKind;

use crate::crates_io::index_path;
use crate::regular_file::read_file;

/// A version of a crate in an index.
#[derive(Deserialize)]
struct Line {
    cksum: String,
    #[serde(default)]
    deps: Vec<Dependency>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    /// Features that old versions of cargo would not understand.
    #[serde(default)]
    features2: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    links: Option<String>,
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
    /// The address of the index of the registry, if it is another one.
    #[serde(default)]
    registry: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a package declares, according to what cargo keeps of any index that has an archive with this checksum.
pub(super) fn declared(cargo_home: &Path, package: &LockedPackage) -> Option<Declared<'static>> {
    let checksum = package.checksum.as_deref()?;
    let path = Some(index_path(&package.name)).filter(|path| !path.is_empty())?;
    let indices = fs::read_dir(cargo_home.join("registry").join("index")).ok()?;
    indices.flatten().find_map(|index| {
        let bytes = read_file(&index.path().join(".cache").join(&path)).ok()?;
        let entry = ValidCacheEntry::read(&bytes).ok()?;
        // Numbers and lines take turns.
        let lines = split(entry.version_entries, 0).skip(1).step_by(2);
        let of_package =
            lines.filter(|line| memchr::memmem::find(line, checksum.as_bytes()).is_some()).find_map(|line| {
                let line = serde_json::from_slice::<Line>(line).ok()?;
                (line.cksum == checksum).then_some(line)
            });
        of_package?.declared()
    })
}

impl Line {
    /// `None` if there is something that cargo understands and this does not.
    fn declared(self) -> Option<Declared<'static>> {
        let mut features = self.features;
        for (name, on) in self.features2.unwrap_or_default() {
            features.entry(name).or_default().extend(on);
        }
        let wanted = self.deps.into_iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let dependencies = wanted.map(Dependency::declared).collect::<Option<Vec<_>>>()?;
        Some(Declared::new(features, &dependencies, None, self.links.as_deref()))
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

    /// An entry as cargo keeps it: the versions of its formats, a revision, then numbers and lines in turns.
    fn entry(lines: &[(&str, String)]) -> Vec<u8> {
        let mut bytes = vec![3, 2, 0, 0, 0];
        bytes.extend(b"etag: \"x\"\0");
        for (version, line) in lines {
            bytes.extend(format!("{version}\0{line}\0").as_bytes());
        }
        bytes
    }

    fn line(rest: &str) -> String {
        format!("{{\"name\":\"a\",\"vers\":\"1.0.0\",\"cksum\":\"{CHECKSUM}\"{rest}}}")
    }

    fn found(lines: &[(&str, String)], checksum: Option<&str>) -> Option<String> {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("registry/index/some-index/.cache/1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a"), entry(lines)).unwrap();
        let package = LockedPackage {
            name: "a".to_owned(),
            version: semver::Version::new(1, 0, 0),
            source: Some("registry".to_owned()),
            checksum: checksum.map(str::to_owned),
            dependencies: Vec::new(),
            replaced_by: None,
        };
        let declared = declared(home.path(), &package)?;
        assert_eq!(declared.is_proc_macro(), None, "an index does not say what is a macro");
        Some(declared.text().replace('\t', "|"))
    }

    #[test]
    fn what_the_index_has_of_a_version() {
        let deps = r#","deps":[
            {"name":"b","req":"^1","features":["x"],"optional":true,"default_features":false,"target":"cfg(unix)","kind":"normal"},
            {"name":"renamed","package":"c","req":">=1, <3","features":[],"optional":false,"default_features":true,"target":null,"kind":"build","registry":"https://far.example/index"},
            {"name":"d","req":"*","features":[],"optional":false,"default_features":true,"target":null,"kind":"dev"}
        ],"features":{"one":["b/x"]},"features2":{"one":["dep:b"],"two":["b?/y"]},"links":"z","v":2"#;
        let deps = deps.replace('\n', "");
        let lines = [("0.9.0", "{\"vers\":\"0.9.0\",\"cksum\":\"00\"}".to_owned()), ("1.0.0", line(&deps))];
        insta::assert_snapshot!(found(&lines, Some(CHECKSUM)).unwrap(), @r#"
        ?|z|
        fone|b/x dep:b|
        ftwo|b?/y|
        nb|ox|x||^1|cfg(unix)||
        brenamed|||c|>=1, <3||ihttps://far.example/index|
        "#);
    }

    #[test]
    fn what_is_not_understood_is_not_known() {
        let dependency = |rest: &str| line(&format!(",\"deps\":[{{\"name\":\"b\",\"req\":\"1\"{rest}}}]"));
        assert!(found(&[("1.0.0", dependency(""))], Some(CHECKSUM)).is_some());
        for (line, checksum) in [
            (dependency(",\"target\":\"cfg(\""), Some(CHECKSUM)),
            (dependency("").replace("\"req\":\"1\"", "\"req\":\"nonsense\""), Some(CHECKSUM)),
            (dependency("").replace('[', "{"), Some(CHECKSUM)),
            (dependency(""), Some("00")),
            (dependency(""), None),
        ] {
            assert_eq!(found(&[("1.0.0", line.clone())], checksum), None, "{line} {checksum:?}");
        }
    }
}
