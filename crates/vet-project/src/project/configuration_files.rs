//! The files of cargo's configuration and the files that they include, found as cargo finds them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Diagnostic, Source};
use vet_graph::workspace::normal;

use super::{Checkout, Origin, Shown, read_text};

/// The largest number of files that are read. Links can form endless chains of names.
const MOST_FILES: usize = 200;

/// Reads the files one after the other. No file is read twice under the same name.
pub(super) struct ConfigurationFiles<'a> {
    checkout: Option<&'a Checkout>,
    show: Shown<'a>,
    seen: HashSet<PathBuf>,
}

/// A file of cargo's configuration.
pub(super) struct ConfigurationFile<'a> {
    /// The author. A file that the checkout includes counts as the checkout's, wherever it is.
    pub(super) origin: Origin,
    /// The folder that relative paths start at: the one that contains the folder of the file.
    pub(super) base: &'a Path,
    /// The path for messages.
    pub(super) shown: String,
    pub(super) text: &'a Arc<Source>,
    pub(super) document: &'a DeTable<'a>,
}

/// A file that cannot be read.
pub(super) struct Unreadable {
    pub(super) origin: Origin,
    /// The file and its problem: "`PATH`, which …".
    pub(super) what: String,
    /// The causes, as far as they are known.
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> ConfigurationFiles<'a> {
    /// Starts without files. If no checkout is given, all files count as the checkout's.
    pub(super) fn new(checkout: Option<&'a Checkout>, show: Shown<'a>) -> Self {
        ConfigurationFiles { checkout, show, seen: HashSet::new() }
    }

    /// Reads the file of a folder, if there is one, and then the files that it includes. Earlier
    /// files take precedence.
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

/// The file in a folder of cargo's configuration. The name without an extension is the older one
/// and takes precedence. Anything with that name counts, even if it is not a file, because cargo
/// does not skip it either.
pub(super) fn file_in(folder: &Path) -> Option<PathBuf> {
    ["config", "config.toml"].map(|name| folder.join(name)).into_iter().find(|path| path.exists())
}

struct Included<'t> {
    path: &'t str,
    is_optional: bool,
}

/// `include`: a path, a list of paths, or a list of tables with a path. Versions of cargo differ in
/// which of these they accept.
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
