//! The files of cargo's configuration, with those that they include, chosen and followed as cargo does.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Diagnostic, Source};
use vet_graph::workspace::normal;

use super::{Checkout, Origin, Shown, read_text};

/// So many files are read. Links can make endless chains of names.
const MOST_FILES: usize = 200;

/// Files that are read one after the other. None is read twice under the same name.
pub(super) struct ConfigurationFiles<'a> {
    checkout: Option<&'a Checkout>,
    show: Shown<'a>,
    seen: HashSet<PathBuf>,
}

/// A file.
pub(super) struct ConfigurationFile<'a> {
    /// Who wrote it. A file that the checkout includes says what the checkout wants, wherever it lies.
    pub(super) origin: Origin,
    /// Where paths in it start: the folder that holds the folder of the file.
    pub(super) base: &'a Path,
    /// Its path, for people.
    pub(super) shown: String,
    pub(super) text: &'a Arc<Source>,
    pub(super) document: &'a DeTable<'a>,
}

/// A file that says nothing that could be understood.
pub(super) struct Unreadable {
    pub(super) origin: Origin,
    /// The file, and what is wrong with it: "`PATH`, which …".
    pub(super) what: String,
    /// Why, as far as that is known.
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> ConfigurationFiles<'a> {
    /// None was read so far. Where no checkout is known, all files belong to one.
    pub(super) fn new(checkout: Option<&'a Checkout>, show: Shown<'a>) -> Self {
        ConfigurationFiles { checkout, show, seen: HashSet::new() }
    }

    /// Reads the file of a folder, if there is one, then what it includes: what comes first counts more.
    pub(super) fn read(
        &mut self,
        folder: &Path,
        visit: &mut dyn FnMut(Result<ConfigurationFile<'_>, Unreadable>),
    ) {
        let Some(path) = file_in(folder) else { return };
        let origin = self.origin(&path);
        let mut pending = vec![(path, origin)];
        while let Some((path, origin)) = pending.pop() {
            if !self.seen.insert(path.clone()) {
                continue;
            }
            let shown = self.show.path(&path);
            let unreadable = |what: &str, problems: Vec<Diagnostic>| Unreadable {
                origin,
                what: format!("`{shown}`, which {what}"),
                problems,
            };
            if self.seen.len() > MOST_FILES {
                visit(Err(unreadable("is one of too many files of configuration", Vec::new())));
                return;
            }
            let text = match read_text(&path, self.show) {
                Ok(text) => text,
                Err(problems) => {
                    visit(Err(unreadable("cannot be read", problems)));
                    continue;
                }
            };
            let (document, problems) = vet_store::toml_document(&text);
            let Some(document) = document.filter(|_| problems.is_empty()) else {
                visit(Err(unreadable("is not TOML", problems)));
                continue;
            };
            let folder = path.parent().unwrap_or(&path);
            let base = folder.parent().unwrap_or(folder);
            visit(Ok(ConfigurationFile {
                origin,
                base,
                shown: shown.clone(),
                text: &text,
                document: &document,
            }));
            for Included { path, is_optional } in included(&document) {
                let path = normal(&folder.join(path));
                if is_optional && !path.exists() {
                    continue;
                }
                let origin = match origin {
                    Origin::Checkout => Origin::Checkout,
                    Origin::User => self.origin(&path),
                };
                pending.push((path, origin));
            }
        }
    }

    fn origin(&self, path: &Path) -> Origin {
        self.checkout.map_or(Origin::Checkout, |checkout| checkout.origin(path))
    }
}

/// The file in a folder of cargo's configuration. The name without an ending is the older one, and wins. Whatever stands there
/// counts, also if it is no file: cargo does not pass it over either.
pub(super) fn file_in(folder: &Path) -> Option<PathBuf> {
    ["config", "config.toml"].map(|name| folder.join(name)).into_iter().find(|path| path.exists())
}

struct Included<'t> {
    path: &'t str,
    is_optional: bool,
}

/// `include`: a path, a list of paths, or a list of tables with a path. Versions of cargo differ in what they take.
fn included<'t>(document: &'t DeTable<'_>) -> impl Iterator<Item = Included<'t>> {
    let value = document.get("include").map(toml::Spanned::get_ref);
    let read = |value: &'t DeValue<'_>| {
        if let Some(path) = value.as_str() {
            return Some(Included { path, is_optional: false });
        }
        let table = value.as_table()?;
        let optional = table.get("optional").and_then(|value| value.get_ref().as_bool());
        let path = table.get("path")?.get_ref().as_str()?;
        Some(Included { path, is_optional: optional == Some(true) })
    };
    let list = value.and_then(|value| value.as_array()).into_iter().flat_map(|array| array.iter());
    value.and_then(read).into_iter().chain(list.filter_map(move |element| read(element.get_ref())))
}
