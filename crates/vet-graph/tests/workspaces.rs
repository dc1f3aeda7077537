//! Which folders belong to a workspace.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::path::Path;

use vet_diagnostics::Source;
use vet_graph::Manifest;
use vet_graph::workspace::Root;

fn excludes(manifest: &Manifest, folder: &str) -> bool {
    let root = Root { folder: Path::new("/project"), table: manifest.workspace.as_ref().unwrap() };
    root.excludes(Path::new(folder))
}

fn manifest(text: &str) -> Manifest {
    Manifest::parse(&Source::new("Cargo.toml", text)).unwrap()
}

#[test]
fn folders_are_excluded_with_all_below_unless_they_are_named() {
    let manifest =
        manifest("[workspace]\nexclude = [\"a\", \"./b/../c\", \"../near\"]\nmembers = [\"a/x\", \"c/*\"]\n");
    for (folder, expected) in [
        ("/project/a", true),
        ("/project/a/b/c", true),
        ("/project/a/x", false),
        ("/project/a/x/y", false),
        ("/project/ab", false),
        ("/project/b", false),
        ("/project/c/d", true),
        ("/near/x", true),
        ("/project", false),
    ] {
        assert_eq!(excludes(&manifest, folder), expected, "{folder}");
    }
}

/// Comparing every folder with every entry would take minutes.
#[test]
fn lists_may_be_long() {
    let list: String = (0..20_000).map(|number| format!("\"x{number}\", ")).collect();
    let manifest = manifest(&format!("[workspace]\nexclude = [{list}]\n"));
    let excluded = (0..40_000).filter(|number| excludes(&manifest, &format!("/project/x{number}/y"))).count();
    assert_eq!(excluded, 20_000);
}
