//! Which module may use which: see the documentation of the crate.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom to the top. Modules of one line do not use each other.
const LAYERS: [&[&str]; 8] = [
    &["operation"],
    &["graph"],
    &["session"],
    &["fetched_store"],
    &["arguments"],
    &["evaluation"],
    &["search", "update"],
    &["check", "audit", "share", "maintain"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The names after `crate::`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let is_no_part = |character: char| !character.is_alphanumeric() && character != '_';
    text.split("crate::").skip(1).filter_map(move |rest| rest.split(is_no_part).next())
}

#[test]
fn modules_use_only_what_is_below_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = 0;
    for file in files(&source).iter().filter(|file| file.extension().is_some_and(|it| it == "rs")) {
        let name = file.strip_prefix(&source).unwrap().with_extension("");
        let name = name.iter().next().and_then(|name| name.to_str()).unwrap();
        if ["lib", "layers"].contains(&name) {
            continue;
        }
        let own = layer(name).unwrap_or_else(|| panic!("`{name}` belongs into a layer"));
        for used in used(&fs::read_to_string(file).unwrap()).filter(|used| *used != name) {
            assert!(layer(used).is_some_and(|used| used < own), "{}: uses `{used}`", file.display());
            uses += 1;
        }
    }
    assert!(uses > 100, "only {uses} uses were found");
}
