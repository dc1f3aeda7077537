//! Lock files as values, so that a mutation can change their content without changing the format.

use std::fmt::Write as _;

/// A lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    head: String,
    /// The packages, in order.
    pub packages: Vec<Locked>,
    tail: String,
}

/// A package in a lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The source; `None` for a package of the project.
    pub source: Option<String>,
    /// The checksum of the archive.
    pub checksum: Option<String>,
    /// The dependencies, as the lock file refers to them.
    pub dependencies: Vec<String>,
    /// The package that replaces this one.
    pub replace: Option<String>,
}

impl Lock {
    /// Parses a lock file as cargo writes it; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let start = text.find("\n[[package]]\n")?;
        let end = text.find("\n[[patch.unused]]").or_else(|| text.find("\n[metadata]")).unwrap_or(text.len());
        let mut packages = Vec::new();
        for block in text.get(start..end)?.split("\n[[package]]\n").skip(1) {
            packages.push(Locked::parse(block)?);
        }
        let lock = Lock { head: text[..start].to_owned(), packages, tail: text[end..].to_owned() };
        (lock.text() == text).then_some(lock)
    }

    /// The text, with packages and dependencies in their current order.
    pub fn text(&self) -> String {
        let packages: String = self.packages.iter().map(Locked::text).collect();
        format!("{}{packages}{}", self.head, self.tail)
    }

    /// Sorts everything as cargo does, and shortens references to dependencies as cargo does.
    pub fn sort(&mut self) {
        self.packages.sort_by(|a, b| a.key().cmp(&b.key()));
        for package in &mut self.packages {
            package.dependencies.sort();
            package.dependencies.dedup();
        }
    }

    /// The package that a reference in a list of dependencies means.
    pub fn meant(&self, dependency: &str) -> Option<&Locked> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next()?, words.next());
        let fits = |package: &&Locked| {
            package.name == name && version.is_none_or(|version| package.version == version)
        };
        self.packages.iter().find(fits)
    }

    /// Adds an entry for an unused patch.
    pub fn add_unused(&mut self, name: &str, version: &str, source: Option<&str>) {
        let mut entry = format!("\n[[patch.unused]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        if let Some(source) = source {
            writeln!(entry, "source = \"{source}\"").unwrap();
        }
        self.tail += &entry;
    }
}

impl Locked {
    fn key(&self) -> (&str, Option<semver::Version>, &Option<String>) {
        (&self.name, self.version.parse().ok(), &self.source)
    }

    fn parse(block: &str) -> Option<Self> {
        let mut locked = Locked::default();
        for line in block.lines() {
            if let Some((key, value)) = line.split_once(" = ") {
                let text = value.trim_matches('"').to_owned();
                match key {
                    "name" => locked.name = text,
                    "version" => locked.version = text,
                    "source" => locked.source = Some(text),
                    "checksum" => locked.checksum = Some(text),
                    "replace" => locked.replace = Some(text),
                    "dependencies" => (),
                    _ => return None,
                }
            } else if let Some(dependency) = line.strip_prefix(" \"") {
                locked.dependencies.push(dependency.strip_suffix("\",")?.to_owned());
            }
        }
        Some(locked)
    }

    fn text(&self) -> String {
        let mut text = format!("\n[[package]]\nname = \"{}\"\nversion = \"{}\"\n", self.name, self.version);
        for (key, value) in [("source", &self.source), ("checksum", &self.checksum)] {
            if let Some(value) = value {
                writeln!(text, "{key} = \"{value}\"").unwrap();
            }
        }
        if !self.dependencies.is_empty() {
            text += "dependencies = [\n";
            for dependency in &self.dependencies {
                writeln!(text, " \"{dependency}\",").unwrap();
            }
            text += "]\n";
        }
        if let Some(replace) = &self.replace {
            writeln!(text, "replace = \"{replace}\"").unwrap();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_of_this_workspace_is_understood() {
        let text = include_str!("../../../Cargo.lock");
        let mut lock = Lock::parse(text).unwrap();
        assert_eq!(lock.text(), text);
        lock.sort();
        assert_eq!(lock.text(), text);
    }
}
