//! Finds the files outside the usual places that code refers to.

use std::borrow::Cow;
use std::collections::HashSet;

use super::mentions::{mentions, quoted};
use super::rust_text::{Token, readings, unescaped};
use super::targets::Targets;
use crate::tree::Tree;

/// The files and folders that the code of a crate refers to.
#[derive(Debug, Default)]
pub(super) struct References<'a> {
    files: HashSet<&'a str>,
    folders: HashSet<String>,
}

impl<'a> References<'a> {
    /// Finds everything that these sources refer to, directly or through other files.
    pub(super) fn of(tree: &'a Tree, sources: Vec<&'a str>, targets: &Targets) -> Self {
        let mut search = Search {
            tree,
            found: References::default(),
            queue: sources.iter().map(|path| (*path, Why::Place)).collect(),
            seen: sources.iter().copied().collect(),
            passes_on: false,
        };
        for script in &targets.build_scripts {
            search.run_by(script);
        }
        search.run();
        if search.passes_on {
            search.run_for_callers();
        }
        search.found
    }

    /// Whether the code refers to a file, or to a folder that contains it.
    pub(super) fn contains(&self, path: &str) -> bool {
        self.files.contains(path) || self.is_in_folder(path)
    }

    fn is_in_folder(&self, path: &str) -> bool {
        let ends = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        !self.folders.is_empty() && ends.into_iter().any(|folder| self.folders.contains(folder))
    }
}

/// The reason to look at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The file is in a place for code of the library.
    Place,
    /// Other code refers to the file. So its modules may be outside the library, too.
    Reference,
    /// The file is the build script or one of its modules, which can read the files that it names.
    Runs,
}

struct Search<'a> {
    tree: &'a Tree,
    found: References<'a>,
    queue: Vec<(&'a str, Why)>,
    seen: HashSet<&'a str>,
    /// Whether the code includes a file whose path is somewhere else in the code.
    passes_on: bool,
}

impl<'a> Search<'a> {
    fn run(&mut self) {
        while let Some((path, why)) = self.queue.pop() {
            let Some(file) = self.tree.file(path) else { continue };
            let mentions = mentions(&file.bytes);
            self.passes_on |= mentions.macros;
            // A file in the root of the package can have modules in folders for other purposes.
            let why = if why == Why::Place && !path.contains('/') { Why::Reference } else { why };
            if why != Why::Place || mentions.files {
                self.look_at(path, &file.bytes, why);
            }
        }
    }

    /// Handles macros of the crate that include files which their callers name. Any string may then
    /// be a path.
    fn run_for_callers(&mut self) {
        let names: HashSet<&str> = self.tree.files().map(|(path, _)| last(path)).collect();
        let mut done = HashSet::new();
        loop {
            let next: Vec<&str> = self.seen.iter().copied().filter(|path| done.insert(*path)).collect();
            if next.is_empty() {
                return;
            }
            for path in next {
                let code = self.tree.file(path).map(|file| &*file.bytes).unwrap_or_default();
                for text in quoted(code) {
                    let plain = match text.contains('\\') {
                        true => Cow::Owned(unescaped(text)),
                        false => Cow::Borrowed(text),
                    };
                    if names.contains(last(&plain)) {
                        self.refer(path, &plain, false);
                    }
                }
            }
            self.run();
        }
    }

    fn run_by(&mut self, script: &str) {
        if let Some((path, _)) = self.tree.files().find(|(path, _)| *path == script) {
            self.queue.push((path, Why::Runs));
        }
    }

    fn look_at(&mut self, path: &'a str, code: &'a [u8], why: Why) {
        readings(code).iter().for_each(|tokens| self.look_at_reading(path, tokens, why));
    }

    fn look_at_reading(&mut self, path: &'a str, tokens: &[Token<'_>], why: Why) {
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            let before = tokens.get(..tokens.len() - rest.len()).unwrap_or_default();
            match (token, after) {
                (Token::Word(b"include" | b"include_str" | b"include_bytes"), [Token::Mark(b'!'), ..])
                    if is_documentation(before) => {}
                (
                    Token::Word(b"include" | b"include_str" | b"include_bytes"),
                    [Token::Mark(b'!'), after @ ..],
                ) => self.include(path, after),
                (Token::Word(b"path"), [Token::Mark(b'='), Token::Text(text), ..])
                    if is_attribute(before) =>
                {
                    self.refer(path, text, true);
                }
                (Token::Word(b"path"), [Token::Mark(b'='), Token::Mark(b'$'), ..]) => self.passes_on = true,
                (Token::Word(b"mod"), [Token::Word(name), Token::Mark(b';'), ..]) if why != Why::Place => {
                    self.module(path, &String::from_utf8_lossy(name), why);
                }
                // The modules of an inline module are in a folder of its name.
                (Token::Word(b"mod"), [Token::Word(name), Token::Mark(b'{'), ..]) if why != Why::Place => {
                    self.find_folder(path, &String::from_utf8_lossy(name));
                }
                (Token::Text(text), _) if why == Why::Runs => self.name(path, text),
                _ => {}
            }
            rest = after;
        }
    }

    /// Reads the argument of a macro: one string, or several concatenated strings.
    fn include(&mut self, path: &str, after: &[Token<'_>]) {
        let mut depth = 0_usize;
        let mut whole = String::new();
        let mut last: Option<&[u8]> = None;
        for token in after {
            match token {
                Token::Mark(b'(' | b'[' | b'{') => depth += 1,
                Token::Mark(b')' | b']' | b'}') if depth <= 1 => break,
                Token::Mark(b')' | b']' | b'}') => depth -= 1,
                Token::Mark(b'!' | b',') => {}
                // The folder of the package, or the output folder of the build script, is not part
                // of a path in the package.
                Token::Text(_) if last == Some(b"env") => last = None,
                Token::Text(text) => whole.push_str(text),
                Token::Word(word @ (b"env" | b"concat")) => last = Some(word),
                _ => self.passes_on = true,
            }
        }
        self.refer(path, &whole, false);
    }

    /// Handles a path that is relative to the file or to a module in it, or an absolute path.
    fn refer(&mut self, path: &str, text: &str, is_module: bool) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        let stem = path.strip_suffix(".rs").unwrap_or(path);
        let mut is_found = false;
        for base in [folder, "", stem] {
            is_found |= joined(base, text).is_some_and(|place| self.add(&place, Why::Reference));
        }
        if is_module && !is_found {
            // The path is relative to an inline module. Any file whose path ends in this text may
            // be meant.
            let end = text.trim_start_matches(['.', '/']);
            let ends = |path: &str| {
                path.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('/'))
            };
            let candidates: Vec<&str> =
                self.tree.files().map(|(path, _)| path).filter(|path| ends(path)).collect();
            for path in candidates {
                self.add(path, Why::Reference);
            }
        }
    }

    /// Handles a name in a build script: a file, a folder, or a pattern in a folder.
    fn name(&mut self, path: &str, text: &str) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        // `cargo:rerun-if-changed=PATH`; `{}/PATH`; `PATH/*.c`
        let text = text.rsplit_once('=').map_or(text, |(_, value)| value).trim();
        let text = text.rsplit_once('}').map_or(text, |(_, rest)| rest);
        let pattern = text.find(['*', '?', '[', '{']).and_then(|end| text.get(..end)?.rsplit_once('/'));
        let text = pattern.map_or(text, |(folder, _)| folder);
        for base in [folder, ""] {
            let Some(place) = joined(base, text).filter(|place| !place.is_empty()) else { continue };
            let why = if place.ends_with(".rs") { Why::Runs } else { Why::Reference };
            if !self.add(&place, why) {
                self.add_folder(place);
            }
        }
    }

    /// Handles a module in its own file.
    fn module(&mut self, path: &str, name: &str, why: Why) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        let stem = path.strip_suffix(".rs").unwrap_or(path);
        for base in [folder, stem] {
            for file in [format!("{name}.rs"), format!("{name}/mod.rs")] {
                if let Some(place) = joined(base, &file) {
                    self.add(&place, why);
                }
            }
        }
    }

    /// Records a file, if it exists. Its code may refer to more files.
    fn add(&mut self, place: &str, why: Why) -> bool {
        let mut at = self.tree.files_from(place);
        let Some((path, _)) = at.next().filter(|(path, _)| *path == place) else { return false };
        let is_new = self.found.files.insert(path);
        if path.ends_with(".rs") && (self.seen.insert(path) || (is_new && why == Why::Runs)) {
            self.queue.push((path, why));
        }
        true
    }

    fn find_folder(&mut self, path: &str, name: &str) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        if let Some(place) = joined(folder, name) {
            self.add_folder(place);
        }
    }

    fn add_folder(&mut self, place: String) {
        let start = format!("{place}/");
        let inside: Vec<&'a str> = self
            .tree
            .files_from(&start)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&start))
            .collect();
        if !inside.is_empty() && self.found.folders.insert(place) {
            let code = inside.into_iter().filter(|path| path.ends_with(".rs"));
            for path in code {
                if self.seen.insert(path) {
                    self.queue.push((path, Why::Reference));
                }
            }
        }
    }
}

/// Whether the included file is only shown in the documentation: `doc = include_str!(…)`.
fn is_documentation(before: &[Token<'_>]) -> bool {
    matches!(before, [.., Token::Word(b"doc"), Token::Mark(b'=')])
}

/// Whether the next tokens can be the argument of an attribute: `#[path = …]`,
/// `#[cfg_attr(…, path = …)]`.
fn is_attribute(before: &[Token<'_>]) -> bool {
    matches!(before, [.., Token::Mark(b'[' | b'(' | b',')])
}

/// Returns the last part of a path.
fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Joins a path to a folder. Returns `None` if the result is outside the package.
fn joined(base: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
