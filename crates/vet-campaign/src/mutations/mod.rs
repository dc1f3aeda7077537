//! What an attacker can change in a checkout, or can have left on the machine by an earlier run.
//!
//! A mutation changes the files of a [`Subject`] and says how. It has no plan: most mutations make cargo refuse the checkout,
//! and some are harmless.

mod configuration;
mod keys;
mod lock_graph;
mod lock_text;
mod machine;
mod manifests;
mod places;
mod sources;

use std::path::PathBuf;

use crate::campaign::Base;
use crate::graph::Node;
use crate::lock::Lock;
use crate::machine::Around;
use crate::random::Random;
use crate::tree::{Tree, is_link};
use crate::universe::Universe;

/// A checkout in the making.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The files.
    pub tree: Tree,
    /// Files below cargo's home of the user, to be written before the tool runs.
    pub home: Tree,
    /// Whether cargo is to bring the lock file up to date before the tool runs.
    pub relock: bool,
    /// Whether cargo's home and the tool's cache are to be empty.
    pub is_cold: bool,
    /// Cargo's home of the user.
    pub cargo_home: PathBuf,
    /// What is unusual about the machine of the user.
    pub around: Around,
    /// The file with the configuration of cargo.
    pub config: &'static str,
    /// What was honest.
    pub base: &'a Base,
    /// What is published.
    pub universe: &'a Universe,
}

/// Changes a checkout. Returns which variant of the mutation it is; `None` if it does not apply.
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
        machine::CATALOG,
    ]
    .concat()
}

impl Subject<'_> {
    /// The published package that the attacker has in mind: usually one that the store does not vet.
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

    /// A package that depends on another.
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

    /// Adds to the configuration of cargo.
    fn configure(&mut self, text: &str) {
        let text = self.as_configured(text);
        self.append(self.config, &text);
    }

    /// Writes paths as they are seen from the folder that the configuration is for.
    fn as_configured(&self, text: &str) -> String {
        if !self.config.starts_with("../") {
            return text.to_owned();
        }
        let folders = ["fake\"", "tools/", "overrides/", "decoys/", "attacker.pem"];
        folders.iter().fold(text.to_owned(), |text, folder| {
            text.replace(&format!("\"{folder}"), &format!("\"project/{folder}"))
        })
    }

    /// Changes what the lock file says.
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

    /// Replaces a part of a file once.
    fn replace(&mut self, path: &str, from: &str, to: &str) -> Option<()> {
        let text = self.text(path)?;
        let changed = text.replacen(from, to, 1);
        (changed != text).then(|| self.put(path, &changed))
    }

    /// Adds lines below the header of a table, which is made if it is not there.
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

/// A line that declares a plain dependency, of any manifest of the project.
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
