//! The objects of a git repository that cargo fetched, each verified by its hash.
//!
//! The files of a checkout can be edited, and so can those of a repository. But the hash of a
//! commit covers its tree, and the hash of a tree covers its content. So git only provides the
//! bytes, with a configuration that runs no programs, and the hash of each object is computed here.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sha1_checked::{Digest as _, Sha1};

/// The maximum size of an object.
const LARGEST_OBJECT: u64 = 16 << 20;

/// The name of an object.
pub(super) type ObjectId = [u8; 20];

/// A process of git that provides objects.
#[derive(Debug)]
pub(super) struct Objects {
    git: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TreeEntry {
    pub(super) kind: EntryKind,
    pub(super) name: Vec<u8>,
    pub(super) id: ObjectId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Folder,
    File,
    /// A commit of another repository.
    Submodule,
    /// A symbolic link.
    Other,
}

impl Objects {
    /// Opens a bare repository.
    pub(super) fn open(repository: &Path) -> Option<Self> {
        let mut git: Child = git_without_configuration(repository)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (questions, answers) = (git.stdin.take(), git.stdout.take()?);
        Some(Objects { git, questions, answers: BufReader::new(answers) })
    }

    /// The tree of a commit.
    pub(super) fn tree_of_commit(&mut self, commit: ObjectId) -> Option<ObjectId> {
        let content = self.read("commit", commit)?;
        let line = content.split(|byte| *byte == b'\n').next()?;
        parse_id(std::str::from_utf8(line.strip_prefix(b"tree ")?).ok()?)
    }

    /// The entries of a tree.
    pub(super) fn tree(&mut self, id: ObjectId) -> Option<Vec<TreeEntry>> {
        entries(&self.read("tree", id)?)
    }

    /// The content of a text file.
    pub(super) fn text(&mut self, id: ObjectId) -> Option<String> {
        String::from_utf8(self.read("blob", id)?).ok()
    }

    /// The content of an object; `None` if it is missing or too large, or if its hash is wrong.
    fn read(&mut self, kind: &str, id: ObjectId) -> Option<Vec<u8>> {
        let name = shown_id(id);
        let questions = self.questions.as_mut()?;
        questions.write_all(format!("{name}\n").as_bytes()).ok()?;
        questions.flush().ok()?;
        let mut head = String::new();
        (&mut self.answers).take(200).read_line(&mut head).ok()?;
        let size = head.trim_end().strip_prefix(&format!("{name} {kind} "))?.parse::<u64>().ok()?;
        if size > LARGEST_OBJECT {
            // The rest of the answer is not read, so no further question is possible.
            self.questions = None;
            return None;
        }
        let mut content = Vec::new();
        (&mut self.answers).take(size).read_to_end(&mut content).ok()?;
        self.answers.read_exact(&mut [0]).ok()?;
        let mut hasher = Sha1::new();
        hasher.update(format!("{kind} {size}\0"));
        hasher.update(&content);
        let found = hasher.try_finalize();
        (!found.has_collision() && found.hash()[..] == id[..]).then_some(content)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}

/// Git in a repository. It ignores the environment and the configuration of the user and the
/// system: it runs no programs, replaces no objects and fetches none.
fn git_without_configuration(repository: &Path) -> Command {
    let mut command = Command::new("git");
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().to_ascii_uppercase().starts_with("GIT_") {
            command.env_remove(variable);
        }
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .arg("--git-dir")
        .arg(repository)
        .current_dir(repository);
    command
}

/// Reads the name of an object: 40 hexadecimal digits in lower case.
pub(super) fn parse_id(text: &str) -> Option<ObjectId> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 40 {
        return None;
    }
    let mut id = [0; 20];
    for (slot, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *slot = digit(*high)? << 4 | digit(*low)?;
    }
    Some(id)
}

fn shown_id(id: ObjectId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a tree: a mode, a name and the name of an object for each entry.
fn entries(mut bytes: &[u8]) -> Option<Vec<TreeEntry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|byte| *byte == b' ')?;
        let (mode, rest) = bytes.split_at_checked(space)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (name, rest) = rest.split_at_checked(end)?;
        let (id, rest) = rest.get(1..)?.split_at_checked(20)?;
        let kind = match mode {
            b"40000" => EntryKind::Folder,
            b"100644" | b"100755" | b"100664" => EntryKind::File,
            b"160000" => EntryKind::Submodule,
            b"120000" => EntryKind::Other,
            // Git writes no other modes. Cargo reads others by their bits.
            _ => return None,
        };
        entries.push(TreeEntry { kind, name: name.get(1..)?.to_owned(), id: id.try_into().ok()? });
        bytes = rest;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects() {
        let name = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(parse_id(name).map(shown_id).as_deref(), Some(name));
        for name in ["", "0123", &name.to_uppercase(), &format!("{name}0"), &name.replace('0', "g")] {
            assert_eq!(parse_id(name), None, "{name}");
        }
    }

    #[test]
    fn trees() {
        let mut bytes = Vec::new();
        for (mode, name) in [("40000", "a b"), ("100755", "c"), ("120000", "d"), ("160000", "e")] {
            bytes.extend(format!("{mode} {name}\0").as_bytes());
            bytes.extend([7; 20]);
        }
        let kinds: Vec<_> =
            entries(&bytes).unwrap().into_iter().map(|entry| (entry.kind, entry.name)).collect();
        let expected = [
            (EntryKind::Folder, "a b"),
            (EntryKind::File, "c"),
            (EntryKind::Other, "d"),
            (EntryKind::Submodule, "e"),
        ];
        assert_eq!(kinds, expected.map(|(kind, name)| (kind, name.as_bytes().to_owned())));
        assert_eq!(entries(&bytes[..bytes.len() - 1]), None);
        assert_eq!(entries(b"40000"), None);
        for mode in ["040000", "40755", "100600", "0120000", "100666", "0"] {
            let bytes = [format!("{mode} a\0").as_bytes(), &[7; 20]].concat();
            assert_eq!(entries(&bytes), None, "{mode}");
        }
    }
}
