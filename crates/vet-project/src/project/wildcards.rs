//! The folders that a pattern in `members` matches, found in a limited number of steps.
//!
//! A pattern matches the same paths as with the library `glob`, which cargo uses. That library has
//! no limit: `/**/*` walks the whole disk, and `**` in a folder with two links to itself never
//! ends.

use std::fs;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

/// The largest number of files and folders that one pattern may visit. Large repositories have a
/// tenth of that, including build output.
pub(super) const MOST_STEPS: usize = 1_000_000;

/// Why a pattern is not expanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The pattern would walk through all folders below one that is not in the workspace.
    Outside(PathBuf),
    /// The pattern exceeds the limit.
    TooMany,
}

/// One part of a pattern, between two slashes.
enum PatternPart {
    Name(PathBuf),
    Matching(Pattern),
    /// `**`: any number of folders.
    Folders,
}

/// The matches of a pattern, sorted by path. An invalid pattern matches nothing.
pub(super) fn expand(pattern: &Path, workspace: &Path, most: usize) -> Result<Vec<PathBuf>, Refused> {
    let Some(parts) = parts(pattern) else { return Ok(Vec::new()) };
    let is_name = |part: &&PatternPart| matches!(part, PatternPart::Name(_));
    let base: PathBuf = parts.iter().map_while(name).collect();
    let goes_through_all = parts.iter().any(|part| matches!(part, PatternPart::Folders));
    if goes_through_all && !vet_graph::workspace::normal(&base).starts_with(workspace) {
        return Err(Refused::Outside(base));
    }
    let named = parts.iter().take_while(is_name).count();
    let mut walk = Walk { steps: most, pending: vec![(base, named)], found: Vec::new() };
    while let Some((path, next)) = walk.pending.pop() {
        walk.step(path, next, &parts)?;
    }
    walk.found.sort();
    walk.found.dedup();
    Ok(walk.found)
}

fn name(part: &PatternPart) -> Option<&Path> {
    match part {
        PatternPart::Name(name) => Some(name),
        PatternPart::Matching(_) | PatternPart::Folders => None,
    }
}

fn parts(pattern: &Path) -> Option<Vec<PatternPart>> {
    // A pattern that the library refuses as a whole matches nothing.
    Pattern::new(pattern.to_str()?).ok()?;
    let part = |part: Component<'_>| {
        let Component::Normal(text) = part else {
            return Some(PatternPart::Name(PathBuf::from(part.as_os_str())));
        };
        match text.to_str()? {
            "**" => Some(PatternPart::Folders),
            text if text.contains(['*', '?', '[']) => Pattern::new(text).ok().map(PatternPart::Matching),
            _ => Some(PatternPart::Name(PathBuf::from(text))),
        }
    };
    pattern.components().map(part).collect()
}

struct Walk {
    steps: usize,
    /// Folders to continue in, each with the index of the next part.
    pending: Vec<(PathBuf, usize)>,
    found: Vec<PathBuf>,
}

impl Walk {
    fn step(&mut self, path: PathBuf, next: usize, parts: &[PatternPart]) -> Result<(), Refused> {
        self.count()?;
        match parts.get(next) {
            None => self.found.push(path),
            Some(PatternPart::Name(name)) => {
                let path = path.join(name);
                if fs::symlink_metadata(&path).is_ok() {
                    self.pending.push((path, next + 1));
                }
            }
            Some(PatternPart::Matching(pattern)) => {
                let begins_with_dot = pattern.as_str().starts_with('.');
                let special = [".", ".."].into_iter().filter(|name| begins_with_dot && pattern.matches(name));
                self.pending.extend(special.map(|name| (path.join(name), next + 1)));
                for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                    self.count()?;
                    if entry.file_name().to_str().is_some_and(|name| pattern.matches(name)) {
                        self.pending.push((entry.path(), next + 1));
                    }
                }
            }
            Some(PatternPart::Folders) => {
                for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
                    self.count()?;
                    let path = entry.path();
                    let is_folder = match entry.file_type() {
                        Ok(kind) if kind.is_symlink() => path.is_dir(),
                        kind => kind.is_ok_and(|kind| kind.is_dir()),
                    };
                    if is_folder {
                        if next + 1 == parts.len() {
                            self.found.push(path.clone());
                        }
                        self.pending.push((path, next));
                    }
                }
                if next + 1 < parts.len() {
                    self.pending.push((path, next + 1));
                }
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Refused> {
        self.steps = self.steps.checked_sub(1).ok_or(Refused::TooMany)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(folders: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        root
    }

    #[test]
    fn patterns_match_what_the_library_matches() {
        let root = folder_with(&["a/b/c", "a/c", "a/.hidden/c", "ab", "b/b/b", "é"]);
        fs::write(root.path().join("a/file"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("a", root.path().join("link")).unwrap();
        for pattern in [
            "*",
            "a*",
            "a/*",
            "*/*",
            "**",
            "a/**",
            "**/c",
            "**/b/*",
            "a/**/c",
            "**/**/c",
            "[ab]",
            "a?",
            "a/../*",
            "a/.*",
            ".*",
            "./a/*",
            "missing/*",
            "*/missing",
            "é*",
            "**/*",
            "a/**/**",
            "a***",
            "a/[",
            "**b/c",
        ] {
            let full = root.path().join(pattern);
            let mut expected: Vec<PathBuf> =
                glob::glob(full.to_str().unwrap()).into_iter().flatten().flatten().collect();
            expected.sort();
            expected.dedup();
            let found = expand(&full, root.path(), MOST_STEPS).unwrap();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn patterns_have_limits() {
        let root = folder_with(&["inside/a", "inside/b"]);
        let inside = root.path().join("inside");
        for outside in ["/**/*", "../**", "../**/a", "x/../../**/*"] {
            let found = expand(&inside.join(outside), &inside, MOST_STEPS);
            assert!(matches!(found, Err(Refused::Outside(_))), "{outside}: {found:?}");
        }
        assert_eq!(expand(&inside.join("../*"), &inside, MOST_STEPS), Ok(vec![inside.join("../inside")]));
        assert_eq!(expand(&inside.join("*"), &inside, 2), Err(Refused::TooMany));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_themselves_end() {
        let root = folder_with(&[]);
        for name in ["a", "b"] {
            std::os::unix::fs::symlink(".", root.path().join(name)).unwrap();
        }
        for pattern in ["**", "**/c", "*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*"] {
            let found = expand(&root.path().join(pattern), root.path(), 10_000);
            assert_eq!(found, Err(Refused::TooMany), "{pattern}");
        }
    }
}
