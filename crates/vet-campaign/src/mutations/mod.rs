//! What an attacker can change in a checkout, or can leave on the machine by an earlier run.
//!
//! A mutation changes the files of a [`Subject`] and returns a description. Mutations are not
//! designed to succeed: most make cargo refuse the checkout, and some are harmless.

mod configuration;
mod keys;
mod lock_graph;
mod lock_text;
mod machine;
mod manifests;
mod odd_packages;
mod places;
mod sources;

use std::path::PathBuf;

use crate::base::Base;
use crate::graph::Node;
use crate::lock::Lock;
use crate::machine::Around;
use crate::random::Random;
use crate::tree::{Tree, is_link};
use crate::universe::Universe;

/// A checkout while it is mutated.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The files.
    pub tree: Tree,
    /// Files below the user's cargo home, which are written before the tool runs.
    pub home: Tree,
    /// Whether cargo updates the lock file before the tool runs.
    pub relock: bool,
    /// Whether cargo's home and the tool's cache are emptied first.
    pub is_cold: bool,
    /// The user's cargo home.
    pub cargo_home: PathBuf,
    /// The unusual properties of the user's machine.
    pub around: Around,
    /// Whether cargo never ends on the checkout.
    pub is_endless: bool,
    /// What other versions of cargo or of the compiler read in the files. The checkout can choose
    /// these versions.
    pub readings: Vec<Reading>,
    /// The path of cargo's configuration file.
    pub config: &'static str,
    /// The honest project.
    pub base: &'a Base,
    /// Everything that is published.
    pub universe: &'a Universe,
}

/// A text in a file, and a text that means to the cargo of this machine what the first one means to
/// another version.
#[derive(Clone, Debug)]
pub struct Reading {
    path: String,
    from: String,
    to: String,
}

impl Reading {
    fn new(path: &str, from: &str, to: &str) -> Self {
        Reading { path: path.to_owned(), from: from.to_owned(), to: to.to_owned() }
    }

    /// The files as the other version reads them; `None` if it reads the same.
    pub fn apply(readings: &[Reading], tree: &Tree) -> Option<Tree> {
        let mut changed = tree.clone();
        for Reading { path, from, to } in readings {
            let Some(bytes) = changed.get(path).filter(|bytes| !is_link(bytes)) else { continue };
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            let text = text.replace(from, to);
            changed.insert(path.clone(), text.into_bytes());
        }
        (changed != *tree).then_some(changed)
    }
}

/// Changes a checkout. Returns the variant of the mutation; `None` if it does not apply.
pub type Mutation = fn(&mut Subject<'_>, &mut Random) -> Option<String>;

/// All mutations, with the names of their classes.
pub fn catalog() -> Vec<(&'static str, Mutation)> {
    [
        lock_text::CATALOG,
        lock_graph::CATALOG,
        manifests::CATALOG,
        keys::CATALOG,
        places::CATALOG,
        configuration::CATALOG,
        sources::CATALOG,
        odd_packages::CATALOG,
        machine::CATALOG,
    ]
    .concat()
}

impl Subject<'_> {
    /// The published package that the attacker targets: usually one that the store does not vet.
    fn victim(&self, random: &mut Random) -> Option<Node> {
        let published: Vec<&Node> = self.base.graph.nodes.iter().filter(|node| node.is_published()).collect();
        let is_unvetted = |node: &&&Node| {
            let key = (node.name.clone(), node.version.clone());
            self.base.unvetted.contains(&key)
        };
        let unvetted: Vec<&Node> = published.iter().filter(is_unvetted).copied().collect();
        let from = if !unvetted.is_empty() && random.chance(85) { unvetted } else { published };
        random.maybe(&from).map(|node| (*node).clone())
    }

    /// A package that depends on the victim.
    fn parent(&self, random: &mut Random, victim: &Node) -> Option<Node> {
        let nodes = &self.base.graph.nodes;
        let depends = |node: &&Node| node.dependencies.iter().any(|(place, _)| nodes[*place].id == victim.id);
        let parents: Vec<&Node> = nodes.iter().filter(depends).collect();
        random.maybe(&parents).map(|node| (*node).clone())
    }

    fn text(&self, path: &str) -> Option<String> {
        let bytes = self.tree.get(path).filter(|bytes| !is_link(bytes))?;
        String::from_utf8(bytes.clone()).ok()
    }

    fn put(&mut self, path: &str, text: &str) {
        self.tree.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    fn append(&mut self, path: &str, text: &str) {
        let bytes = self.tree.entry(path.to_owned()).or_default();
        if is_link(bytes) {
            return;
        }
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        bytes.extend(text.as_bytes());
    }

    /// Adds text to cargo's configuration.
    fn configure(&mut self, text: &str) {
        let text = self.as_configured(text);
        self.append(self.config, &text);
    }

    /// Rewrites paths so that they are relative to the folder of the configuration.
    fn as_configured(&self, text: &str) -> String {
        if !self.config.starts_with("../") {
            return text.to_owned();
        }
        let folders = ["fake\"", "tools/", "overrides/", "decoys/", "attacker.pem"];
        folders.iter().fold(text.to_owned(), |text, folder| {
            text.replace(&format!("\"{folder}"), &format!("\"project/{folder}"))
        })
    }

    /// Changes the content of the lock file.
    fn lock(&mut self, change: impl FnOnce(&mut Lock) -> Option<String>) -> Option<String> {
        let before = self.text("Cargo.lock")?;
        let mut lock = Lock::parse(&before)?;
        let variant = change(&mut lock)?;
        lock.sort();
        let text = lock.text();
        self.put("Cargo.lock", &text);
        (text != before).then_some(variant)
    }

    /// The path of a member's manifest.
    fn member(&self, random: &mut Random) -> String {
        format!("{}Cargo.toml", random.pick(&self.base.project.members).0)
    }

    /// Replaces the first occurrence of a text in a file.
    fn replace(&mut self, path: &str, from: &str, to: &str) -> Option<()> {
        let text = self.text(path)?;
        let changed = text.replacen(from, to, 1);
        (changed != text).then(|| self.put(path, &changed))
    }

    /// Adds a line below the header of a table, and the table if it is missing.
    fn add(&mut self, path: &str, table: &str, line: &str) -> Option<()> {
        let text = self.text(path)?;
        let header = format!("[{table}]\n");
        let starts = text.starts_with(&header) || text.contains(&format!("\n{header}"));
        let changed = match starts {
            true => text.replacen(&header, &format!("{header}{line}\n"), 1),
            false => format!("{text}\n{header}{line}\n"),
        };
        self.put(path, &changed);
        Some(())
    }
}

/// A line that declares a simple dependency, in any manifest of the project, with the path of the
/// manifest.
fn declared(subject: &Subject<'_>, random: &mut Random, wanted: &str) -> Option<(String, String)> {
    let mut found = Vec::new();
    for path in
        subject.tree.keys().filter(|path| path.ends_with("Cargo.toml") && !path.starts_with("vendor/"))
    {
        for line in subject.text(path)?.lines().filter(|line| line.contains(" = { ") && line.contains(wanted))
        {
            found.push((path.clone(), line.to_owned()));
        }
    }
    random.maybe(&found).cloned()
}
