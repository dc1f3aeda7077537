//! The printed diff is a patch: git turns the old version into the new one with it.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use vet_report::diff::{exact, human};
use vet_source::{Comparison, File, Tree, diff};

/// A tree without what the diff ignores: line endings, and executable bits on systems without them.
fn comparable(tree: &Tree) -> BTreeMap<String, (String, bool)> {
    let content = |file: &File| {
        let text = String::from_utf8(file.bytes.to_vec()).unwrap().replace("\r\n", "\n");
        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        (text, cfg!(unix) && file.is_executable)
    };
    tree.files().map(|(path, file)| (path.to_owned(), content(file))).collect()
}

fn write(tree: &Tree, folder: &Path) {
    for (path, file) in tree.files() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &file.bytes).unwrap();
        #[cfg(unix)]
        if file.is_executable {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
}

fn read(root: &Path, folder: &Path, files: &mut Vec<(String, File)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            read(root, &entry.path(), files);
            continue;
        }
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        #[cfg(unix)]
        let is_executable = {
            use std::os::unix::fs::PermissionsExt as _;
            entry.metadata().unwrap().permissions().mode() & 0o100 != 0
        };
        #[cfg(not(unix))]
        let is_executable = false;
        files.push((name, File { bytes: fs::read(path).unwrap().into(), is_executable }));
    }
}

/// Applies a patch; `None` if git is missing.
fn applied(old: &Tree, patch: &[u8]) -> Option<Tree> {
    let folder = tempfile::tempdir().unwrap();
    let (root, file) = (folder.path().join("tree"), folder.path().join("patch"));
    fs::create_dir(&root).unwrap();
    write(old, &root);
    fs::write(&file, patch).unwrap();
    let output = Command::new("git")
        .args(["apply", "--whitespace=nowarn"])
        .arg(&file)
        .current_dir(&root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", folder.path())
        .env("HOME", folder.path())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no git");
        return None;
    };
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(patch)
    );
    let mut files = Vec::new();
    read(&root, &root, &mut files);
    Some(Tree::new(files))
}

fn file() -> impl Strategy<Value = File> {
    let line = prop::sample::select(vec![
        "",
        "}",
        "fn main() {",
        "    x();",
        "    y();",
        "ä",
        "z\r",
        "\ttab",
        "-- x",
        "@@",
    ]);
    (prop::collection::vec(line, 0..30), any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(lines, has_end, is_executable)| {
            let text = lines.join("\n");
            let end = if has_end && !text.is_empty() { "\n" } else { "" };
            File { bytes: (text + end).into_bytes().into(), is_executable }
        },
    )
}

fn tree() -> impl Strategy<Value = Tree> {
    let mut names = vec!["a", "src/a", "src/b c", "b/c", "grün.rs", "x y/z", "-n"];
    if cfg!(unix) {
        names.push("quo\"te");
    }
    prop::collection::vec((prop::sample::select(names), file()), 0..6)
        .prop_map(|files| Tree::new(files.into_iter().map(|(path, file)| (path.to_owned(), file))))
}

/// Changes a few lines of the old files, or moves files, so that some content stays.
fn trees() -> impl Strategy<Value = (Tree, Tree)> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8), 0..5);
    (tree(), tree(), edits).prop_map(|(old, other, edits)| {
        let mut files: Vec<(String, File)> =
            old.files().map(|(path, file)| (path.to_owned(), file.clone())).collect();
        for (index, kind) in edits {
            if files.is_empty() {
                break;
            }
            let at = index.index(files.len());
            let Some((path, file)) = files.get_mut(at) else { continue };
            let mut lines: Vec<&[u8]> = file.bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let line = index.index(lines.len() + 1);
            match kind {
                0 => lines.insert(line, b"new\n"),
                1 if line < lines.len() => drop(lines.remove(line)),
                2 => *path = format!("moved/{path}"),
                _ => drop(files.remove(at)),
            }
        }
        files.extend(other.files().take(2).map(|(path, file)| (format!("new/{path}"), file.clone())));
        (old, Tree::new(files))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_new_version_comes_out((old, new) in trees()) {
        let diff = diff(&old, &new, Comparison::Published);
        if diff.files.is_empty() {
            return Ok(());
        }
        let (exact, shown) = (exact(&diff), human(&diff, false));
        if let Some(found) = applied(&old, &exact) {
            prop_assert_eq!(comparable(&found), comparable(&new));
        }
        // If nothing had to be escaped, people can apply what they see, except for a note about
        // line endings, which git skips.
        if !shown.contains("\\u{") {
            prop_assert!(shown.as_bytes().starts_with(&exact));
            applied(&old, shown.as_bytes());
        }
    }
}
