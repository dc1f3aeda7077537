//! Whether cargo is certain to accept a manifest.
//!
//! Cargo ignores manifests that it does not accept, so of two packages with the same name and
//! version it may take the second. Versions of cargo differ in what they accept. So only plain
//! manifests are certain: keys and values that every version accepts. Cargo may also accept others.

use std::collections::HashSet;

use toml::{Table, Value};

/// The files beside a manifest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beside {
    /// There is a file `src/lib.rs`.
    pub(super) library: bool,
    /// There is a file `src/main.rs`.
    pub(super) program: bool,
    /// There is a file `build.rs`.
    pub(super) build_script: bool,
    /// There may be other things that cargo builds, whose names could conflict.
    pub(super) others: bool,
}

/// Names of programs that cargo refuses.
const RESERVED: [&str; 4] = ["build", "deps", "examples", "incremental"];

/// The tables of dependencies.
const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// Whether every version of cargo accepts a manifest of a package.
pub(super) fn is_certain(text: &str, beside: Beside) -> bool {
    is_plain_text(text) && text.parse::<Table>().is_ok_and(|manifest| is_plain(&manifest, beside).is_some())
}

/// Whether all versions of TOML read a text in the same way: it has no escapes, no strings of
/// several lines, and no inline tables of several lines.
fn is_plain_text(text: &str) -> bool {
    let is_plain_line = |line: &str| {
        line.starts_with('#')
            || (!line.contains('#')
                && line.matches('{').count() == line.matches('}').count()
                && !line.replace(' ', "").contains(",}"))
    };
    let is_odd = |char: char| matches!(char, '\\' | '\u{feff}') || (char.is_control() && char != '\n');
    !text.contains(is_odd)
        && !text.contains("\"\"\"")
        && !text.contains("'''")
        && text.lines().all(|line| is_plain_line(line.trim()))
}

fn is_plain(manifest: &Table, beside: Beside) -> Option<()> {
    let package = manifest.get("package")?.as_table()?;
    for (key, value) in package {
        let is_plain = match key.as_str() {
            "name" => is_name(value),
            "version" => value.as_str()?.parse::<semver::Version>().is_ok(),
            "edition" => ["2015", "2018", "2021", "2024"].contains(&value.as_str()?),
            "description" | "license" | "repository" | "homepage" | "documentation" | "readme" => {
                is_text(value)
            }
            "authors" | "keywords" | "categories" => value.as_array()?.iter().all(is_text),
            "links" => is_name(value) && beside.build_script,
            "publish" => value.is_bool(),
            _ => false,
        };
        is_plain.then_some(())?;
    }
    let name = package.get("name")?.as_str()?;
    package.get("version")?;
    let is_reserved = beside.program && RESERVED.contains(&name);
    if is_reserved || beside.others || !(beside.library || beside.program) {
        return None;
    }
    if let Some(library) = manifest.get("lib") {
        let is_plain = library.as_table()?.iter().all(|(key, value)| key == "proc-macro" && value.is_bool());
        (is_plain && beside.library).then_some(())?;
    }
    let mut dependencies = Dependencies::default();
    for (key, value) in manifest {
        match key.as_str() {
            "package" | "lib" | "features" => {}
            table if TABLES.contains(&table) => dependencies.add(table, value.as_table()?, false)?,
            "target" => {
                for (condition, tables) in value.as_table()? {
                    let is_known = !condition.contains(['{', '}'])
                        && condition.parse::<vet_graph::platform::Condition>().is_ok();
                    is_known.then_some(())?;
                    for (table, value) in tables.as_table()? {
                        TABLES.contains(&table.as_str()).then_some(())?;
                        dependencies.add(table, value.as_table()?, true)?;
                    }
                }
            }
            _ => return None,
        }
    }
    match manifest.get("features") {
        Some(features) => dependencies.are_plain_features(features.as_table()?),
        None => Some(()),
    }
}

#[derive(Default)]
struct Dependencies<'m> {
    all: HashSet<&'m str>,
    needed: HashSet<&'m str>,
    optional: HashSet<&'m str>,
}

impl<'m> Dependencies<'m> {
    fn add(&mut self, table: &str, dependencies: &'m Table, is_conditional: bool) -> Option<()> {
        for (key, value) in dependencies {
            // A dependency that is named twice must have one source.
            (is_plain_name(key) && self.all.insert(key)).then_some(())?;
            if table != "dev-dependencies" {
                self.needed.insert(key);
            }
            match value {
                Value::String(requirement) => is_requirement(requirement).then_some(())?,
                Value::Table(terms) => {
                    for (term, value) in terms {
                        let is_plain = match term.as_str() {
                            "version" => is_requirement(value.as_str()?),
                            "package" => is_name(value),
                            "features" => value.as_array()?.iter().all(is_name),
                            "default-features" => value.is_bool(),
                            "optional" => value.is_bool() && table != "dev-dependencies",
                            // With two tables with conditions, it is unknown which one cargo reads
                            // first.
                            "path" => is_text(value) && !is_conditional && terms.get("git").is_none(),
                            "git" => is_address(value.as_str()?),
                            "rev" | "branch" | "tag" => is_text(value) && terms.get("git").is_some(),
                            _ => false,
                        };
                        is_plain.then_some(())?;
                    }
                    let count = |keys: &[&str]| keys.iter().filter(|key| terms.contains_key(**key)).count();
                    let is_one =
                        count(&["version", "path", "git"]) > 0 && count(&["rev", "branch", "tag"]) < 2;
                    is_one.then_some(())?;
                    if terms.get("optional") == Some(&Value::Boolean(true)) {
                        self.optional.insert(key);
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn are_plain_features(&self, features: &Table) -> Option<()> {
        for (name, turned_on) in features {
            (is_plain_name(name) && !self.all.contains(name.as_str())).then_some(())?;
            for value in turned_on.as_array()? {
                let value = value.as_str()?;
                let is_plain = match (value.strip_prefix("dep:"), value.split_once('/')) {
                    (Some(key), None) => self.optional.contains(key),
                    (None, Some((key, feature))) => {
                        is_plain_name(feature)
                            && match key.strip_suffix('?') {
                                Some(key) => self.optional.contains(key) && self.needed.contains(key),
                                None => self.needed.contains(key),
                            }
                    }
                    (None, None) => features.contains_key(value),
                    (Some(_), Some(_)) => false,
                };
                is_plain.then_some(())?;
            }
        }
        Some(())
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains(['{', '}']))
}

fn is_name(value: &Value) -> bool {
    value.as_str().is_some_and(is_plain_name)
}

fn is_plain_name(name: &str) -> bool {
    name.starts_with(|char: char| char.is_ascii_alphabetic())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
}

fn is_requirement(text: &str) -> bool {
    !text.is_empty() && !text.contains('+') && text.parse::<semver::VersionReq>().is_ok()
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://");
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
    rest.is_some_and(|rest| {
        rest.starts_with(|char: char| char.is_ascii_alphanumeric()) && rest.chars().all(is_plain)
    })
}
