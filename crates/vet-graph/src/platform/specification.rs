//! Target specifications: files that describe a target to the compiler.
//!
//! Such a file is in the checkout, so it is not trusted. The store says which built-in target it is
//! like. Where the file contradicts that, both may be true.

use cargo_platform::Cfg;
use serde_json::Value;

use super::{Platform, ident, pair};

/// Why a text cannot be used as a target specification.
#[derive(Debug, thiserror::Error)]
#[error("it is not a target specification: {0}")]
pub struct NotASpecification(#[from] serde_json::Error);

/// The parts of a specification that conditions can query.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Specification {
    arch: Option<Value>,
    os: Option<Value>,
    env: Option<Value>,
    vendor: Option<Value>,
    target_endian: Option<Value>,
    target_family: Option<Value>,
    target_pointer_width: Option<Value>,
    min_atomic_width: Option<Value>,
    max_atomic_width: Option<Value>,
    atomic_cas: Option<Value>,
}

impl Platform {
    /// Compares the target with its specification. Returns the names on which the two differ. From
    /// then on it is unknown whether these are set.
    ///
    /// # Errors
    ///
    /// The text is not a target specification. Then nothing is known about the target.
    pub fn compare(&mut self, specification: &str) -> Result<Vec<&'static str>, NotASpecification> {
        let specification: Specification = match serde_json::from_str(specification) {
            Ok(specification) => specification,
            Err(problem) => {
                self.open = None;
                return Err(problem.into());
            }
        };
        let differ: Vec<&str> = specification
            .values()
            .into_iter()
            .filter(|(name, values)| {
                let mut ours: Vec<&Cfg> = self.cfg.iter().filter(|cfg| has_name(cfg, name)).collect();
                let mut theirs: Vec<&Cfg> = values.iter().collect();
                ours.sort();
                theirs.sort();
                ours != theirs
            })
            .map(|(name, _)| name)
            .collect();
        self.open(differ.iter().copied());
        Ok(differ)
    }
}

fn has_name(cfg: &Cfg, wanted: &str) -> bool {
    let (Cfg::Name(name) | Cfg::KeyPair(name, _)) = cfg;
    name.as_str() == wanted
}

/// A value that is written as a number or as a string, as text.
fn text(value: Option<&Value>, default: &str) -> String {
    match value {
        None => default.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn number(value: Option<&Value>) -> Option<u64> {
    text(value, "").parse().ok()
}

impl Specification {
    /// The values that a compiler derives from the specification, by name.
    fn values(&self) -> Vec<(&'static str, Vec<Cfg>)> {
        let one = |name: &'static str, value: Option<&Value>, default: &str| {
            (name, vec![pair(name, &text(value, default))])
        };
        let families: Vec<String> = match &self.target_family {
            Some(Value::Array(list)) => list.iter().map(|family| text(Some(family), "")).collect(),
            Some(family) => vec![text(Some(family), "")],
            None => Vec::new(),
        };
        let family = |name: &'static str| {
            let is_there = families.iter().any(|family| family == name);
            (name, is_there.then(|| Cfg::Name(ident(name))).into_iter().collect())
        };
        vec![
            one("target_arch", self.arch.as_ref(), ""),
            one("target_os", self.os.as_ref(), "none"),
            one("target_env", self.env.as_ref(), ""),
            one("target_vendor", self.vendor.as_ref(), "unknown"),
            one("target_endian", self.target_endian.as_ref(), "little"),
            one("target_pointer_width", self.target_pointer_width.as_ref(), ""),
            ("target_family", families.iter().map(|family| pair("target_family", family)).collect()),
            family("unix"),
            family("windows"),
            ("target_has_atomic", self.atomics()),
        ]
    }

    fn atomics(&self) -> Vec<Cfg> {
        let pointer = number(self.target_pointer_width.as_ref()).unwrap_or_default();
        let least = number(self.min_atomic_width.as_ref()).unwrap_or(8);
        let most = number(self.max_atomic_width.as_ref()).unwrap_or(pointer);
        if self.atomic_cas == Some(Value::Bool(false)) {
            return Vec::new();
        }
        let widths = [8, 16, 32, 64, 128].into_iter().filter(|width| (least..=most).contains(width));
        let pointer = (least..=most).contains(&pointer).then(|| "ptr".to_owned());
        let widths = widths.map(|width| width.to_string()).chain(pointer);
        widths.map(|width| pair("target_has_atomic", &width)).collect()
    }
}
