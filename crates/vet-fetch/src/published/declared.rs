//! What was found out about what published packages declare, in earlier runs: a line of JSON for each.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vet_graph::Declared;
use vet_graph::declared::{PublishedDependency, Terms};
use vet_graph::manifest::DependencyKind;
use vet_graph::platform::Condition;

use crate::cache_file::CacheFile;

/// The file.
#[derive(Clone, Debug)]
pub(super) struct DeclaredMemory(CacheFile);

/// A package. Names are short, because many are kept and read by every run that leaves something out.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Whether it is a macro, if that is known.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    is_proc_macro: Option<bool>,
    /// Whether it inherits something.
    #[serde(rename = "i", default, skip_serializing_if = "is_false")]
    inherits: bool,
    /// Features.
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    features: BTreeMap<String, Vec<String>>,
    /// Dependencies.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<KeptDependency>,
}

#[derive(Serialize, Deserialize)]
struct KeptDependency {
    #[serde(rename = "n")]
    key: String,
    /// The name of the package, if it is another one.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
    #[serde(rename = "b", default, skip_serializing_if = "is_false")]
    is_build: bool,
    #[serde(rename = "o", default, skip_serializing_if = "is_false")]
    optional: bool,
    /// Whether it comes without its default features.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    without_default_features: bool,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the derived code passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl DeclaredMemory {
    pub(super) fn new(cache_folder: &Path) -> Self {
        DeclaredMemory(CacheFile::new(cache_folder, "declared", "cargo-vet declared 1"))
    }

    /// What packages declare, of those that are wanted. Of two entries the later one counts.
    pub(super) fn recall(&self, is_wanted: impl Fn(&str) -> bool) -> HashMap<String, Declared> {
        let text = self.0.read();
        let mut conditions = HashMap::new();
        let entries = text.lines().filter_map(|line| line.split_once('\t'));
        entries
            .filter(|(key, _)| is_wanted(key))
            .filter_map(|(key, json)| {
                let kept: Kept = serde_json::from_str(json).ok()?;
                Some((key.to_owned(), kept.declared(&mut conditions)?))
            })
            .collect()
    }

    /// Adds what was learned. What cannot be kept is learned again next time.
    pub(super) fn keep(&self, learned: &[(String, Declared)]) {
        let mut text = self.0.read();
        for (key, declared) in learned.iter().filter(|(key, _)| !key.contains(['\n', '\t'])) {
            if let Ok(json) = serde_json::to_string(&Kept::new(declared)) {
                let _ = writeln!(text, "{key}\t{json}");
            }
        }
        self.0.replace(&text);
    }
}

impl Kept {
    fn new(declared: &Declared) -> Self {
        let dependencies = declared.dependencies.iter().map(|dependency| KeptDependency {
            key: dependency.terms.key.clone(),
            package: (dependency.package != dependency.terms.key).then(|| dependency.package.clone()),
            requirement: dependency.requirement.as_ref().map(ToString::to_string),
            is_build: dependency.kind == DependencyKind::Build,
            optional: dependency.terms.optional,
            without_default_features: !dependency.terms.default_features,
            features: dependency.terms.features.clone(),
            condition: dependency.terms.condition.as_ref().map(ToString::to_string),
        });
        Kept {
            is_proc_macro: declared.is_proc_macro,
            inherits: declared.inherits,
            features: declared.features.clone(),
            dependencies: dependencies.collect(),
        }
    }

    fn declared(self, conditions: &mut HashMap<String, Arc<Condition>>) -> Option<Declared> {
        let dependencies = self.dependencies.into_iter().map(|dependency| {
            Some(PublishedDependency {
                kind: if dependency.is_build { DependencyKind::Build } else { DependencyKind::Normal },
                package: dependency.package.unwrap_or_else(|| dependency.key.clone()),
                requirement: match dependency.requirement {
                    Some(text) => Some(text.parse().ok()?),
                    None => None,
                },
                terms: Terms {
                    key: dependency.key,
                    optional: dependency.optional,
                    default_features: !dependency.without_default_features,
                    features: dependency.features,
                    condition: match dependency.condition {
                        Some(text) => Some(condition(text, conditions)?),
                        None => None,
                    },
                },
            })
        });
        Some(Declared {
            features: self.features,
            dependencies: dependencies.collect::<Option<_>>()?,
            is_proc_macro: self.is_proc_macro,
            inherits: self.inherits,
        })
    }
}

/// The same text is read once.
fn condition(text: String, known: &mut HashMap<String, Arc<Condition>>) -> Option<Arc<Condition>> {
    if let Some(condition) = known.get(&text) {
        return Some(Arc::clone(condition));
    }
    let condition = Arc::new(text.parse().ok()?);
    known.insert(text, Arc::clone(&condition));
    Some(condition)
}

#[cfg(test)]
mod tests {
    use vet_graph::Manifest;
    use vet_store::diagnostic::Source;

    use super::*;

    const MANIFEST: &str = r#"
        [package]
        name = "a"
        version = "1.0.0"
        [lib]
        proc-macro = true
        [features]
        default = ["one", "dep:b", "c?/d"]
        one = []
        [dependencies]
        b = { version = "1", optional = true, default-features = false, features = ["x", "y"] }
        renamed = { package = "c", version = ">=1.2, <2" }
        [build-dependencies]
        e = "0.1"
        [target.'cfg(all(unix, not(target_os = "linux")))'.dependencies]
        f = "1"
        [target.x86_64-pc-windows-gnu.dependencies]
        g = "1"
        [dev-dependencies]
        h = "1"
    "#;

    #[test]
    fn what_was_learned_is_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let memory = DeclaredMemory::new(folder.path());
        let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", MANIFEST)).unwrap());
        assert_eq!(declared.dependencies.len(), 5);
        let other = Declared { is_proc_macro: None, ..Declared::default() };
        assert_eq!(memory.recall(|_| true), HashMap::new());
        memory.keep(&[("aa".to_owned(), other.clone()), ("unwanted".to_owned(), other.clone())]);
        memory.keep(&[
            ("b 1.0.0 git+x#y".to_owned(), other.clone()),
            ("not\na line".to_owned(), other.clone()),
        ]);
        // What is learned later counts.
        memory.keep(&[("aa".to_owned(), declared.clone())]);
        let expected = HashMap::from([("aa".to_owned(), declared), ("b 1.0.0 git+x#y".to_owned(), other)]);
        assert_eq!(memory.recall(|key| key != "unwanted"), expected);
        memory.0.replace("aa\t{nonsense\ncc\t{\"d\":[{\"n\":\"x\",\"t\":\"cfg(\"}]}\ndd\t{}\nee\n");
        assert_eq!(memory.recall(|_| true).into_keys().collect::<Vec<_>>(), ["dd"]);
    }
}
