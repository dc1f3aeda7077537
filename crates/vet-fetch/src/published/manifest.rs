//! The manifest of a published package.

use vet_graph::manifest::Library;
use vet_graph::{Declared, Manifest};
use vet_store::diagnostic::Source;

/// A manifest, and whether there is a file that makes a library.
pub(super) struct PublishedManifest {
    manifest: Manifest,
    has_library_file: bool,
}

impl PublishedManifest {
    /// Reads a manifest, if it is one and about a package of this name.
    pub(super) fn parse(text: String, name: &str, has_library_file: impl FnOnce() -> bool) -> Option<Self> {
        let manifest = Manifest::parse(&Source::new("Cargo.toml", text)).ok()?;
        let is_meant = manifest.package.as_ref().is_some_and(|package| package.name == name);
        is_meant.then(|| PublishedManifest { has_library_file: has_library_file(), manifest })
    }

    pub(super) fn is_library(&self) -> bool {
        match self.manifest.package.as_ref().map(|package| package.library) {
            Some(Library::Declared) => true,
            Some(Library::Inferred) => self.has_library_file,
            Some(Library::None) | None => false,
        }
    }

    /// What it declares.
    pub(super) fn declared(&self) -> Declared<'static> {
        Declared::of(&self.manifest, None)
    }
}
