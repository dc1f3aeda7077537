//! The files of a checkout as a value, and how they are written to disk.

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Files by path in a folder. Files that end in `.sh` or are in a folder `bin` are executable.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The start of a content that represents a symbolic link.
const LINK: &[u8] = b"\0a link to ";

/// The content that represents a symbolic link.
pub fn link(target: &str) -> Vec<u8> {
    [LINK, target.as_bytes()].concat()
}

/// Writes all files.
pub fn write_tree(folder: &Path, tree: &Tree) {
    change_tree(folder, &Tree::new(), tree);
}

/// Changes a folder from the files of one tree to those of another.
pub fn change_tree(folder: &Path, from: &Tree, to: &Tree) {
    for path in from.keys().filter(|path| !to.contains_key(*path)) {
        let path = folder.join(path);
        let _ = fs::remove_file(&path);
        let mut above = path.parent();
        while let Some(parent) = above.filter(|parent| *parent != folder) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
            above = parent.parent();
        }
    }
    let changed: Vec<_> = to.iter().filter(|(path, bytes)| from.get(*path) != Some(*bytes)).collect();
    let (links, files): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(_, bytes)| is_link(bytes));
    for (path, bytes) in files.into_iter().chain(links) {
        write(&folder.join(path), bytes);
    }
}

/// Whether a content represents a symbolic link.
pub fn is_link(bytes: &[u8]) -> bool {
    bytes.starts_with(LINK)
}

/// Whether a tree contains symbolic links.
pub fn has_links(tree: &Tree) -> bool {
    tree.values().any(|bytes| is_link(bytes))
}

fn write(path: &Path, bytes: &[u8]) {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
    }
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        let _ = fs::remove_file(path);
    }
    if let Some(target) = bytes.strip_prefix(LINK) {
        // A link may have replaced files of the tree.
        let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
        #[cfg(unix)]
        std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    #[cfg(unix)]
    if path.extension().is_some_and(|extension| extension == "sh")
        || path.parent().is_some_and(|folder| folder.ends_with("bin"))
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Reads all files below a folder.
pub fn read_tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => {
                    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                    tree.insert(name, fs::read(&path).unwrap_or_default());
                }
                _ => (),
            }
        }
    }
    tree
}
