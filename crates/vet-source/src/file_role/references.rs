//! Finds the files outside the usual places that code refers to.

use std::collections::{HashMap, HashSet};

use super::mentions::{has_word, may_refer};
use super::path_text::PathText;
use super::places::{PathMatches, Places};
use super::targets::Targets;
use super::token_trees::{Position, Token, readings, source_text};
use crate::tree::Tree;

mod callers;

/// The files and folders that the code of a crate refers to.
#[derive(Debug, Default)]
pub(super) struct References<'a> {
    files: HashSet<&'a str>,
    /// The folders, in lower case.
    folders: HashSet<String>,
    /// Whether the code can refer to any file.
    has_any: bool,
}

impl<'a> References<'a> {
    /// Finds everything that these sources refer to, directly or through other files.
    pub(super) fn of(tree: &'a Tree, sources: Vec<&'a str>, targets: &Targets) -> Self {
        // Modules of a library in the root of the package can be in folders for other purposes.
        let is_in_root = |path: &str| !path.contains('/');
        let is_library_in_root = targets.library.as_deref().is_some_and(is_in_root);
        let mut search = Search {
            tree,
            targets,
            target_names: targets.names(tree),
            places: None,
            found: References::default(),
            queue: Vec::new(),
            seen: HashMap::new(),
            seen_in_order: Vec::new(),
            found_in_order: Vec::new(),
            passed_on: PassedOn::default(),
            concatenates: false,
            evaluated: 0,
        };
        for script in &targets.build_scripts {
            search.run_by(script);
        }
        for path in sources {
            let is_reference = is_library_in_root || is_in_root(path);
            search.enqueue(path, if is_reference { Why::Reference } else { Why::Place });
        }
        search.run();
        if search.passed_on != PassedOn::default() {
            search.run_for_callers();
        } else if search.concatenates {
            search.find_other_concat();
        }
        search.found
    }

    /// Whether the code refers to a file, or to a folder that contains it.
    pub(super) fn contains(&self, path: &str) -> bool {
        self.has_any || self.files.contains(path) || self.is_in_folder(path)
    }

    fn is_in_folder(&self, path: &str) -> bool {
        if self.folders.is_empty() {
            return false;
        }
        let path = path.to_lowercase();
        path.match_indices('/')
            .filter_map(|(end, _)| path.get(..end))
            .any(|folder| self.folders.contains(folder))
    }
}

/// The reason to look at a file, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The file is in a place for code of the library.
    Place,
    /// Other code refers to the file. So its modules may be outside the library, too.
    Reference,
    /// The file is the build script or one of its modules, which can read the files that it names.
    Runs,
}

struct Search<'a, 't> {
    tree: &'a Tree,
    targets: &'t Targets,
    places: Option<Places<'a>>,
    found: References<'a>,
    queue: Vec<(&'a str, Why)>,
    seen: HashMap<&'a str, Why>,
    /// The files that were seen, in this order.
    seen_in_order: Vec<&'a str>,
    /// The files that code refers to, in the order in which they were found.
    found_in_order: Vec<&'a str>,
    /// The names of modules that files of other targets would have.
    target_names: HashSet<String>,
    passed_on: PassedOn,
    /// Whether the path of an included file is written with `concat!`.
    concatenates: bool,
    /// How many tokens of arguments were evaluated. Arguments can be nested.
    evaluated: usize,
}

/// More tokens than the arguments of macros have in any real crate.
const MOST_TOKENS: usize = 2_000_000;

/// More bytes than any real file with references has.
const MOST_BYTES: usize = 16 << 20;

/// More targets beside the library than files are searched for.
const MOST_NAMES: usize = 50;

/// What refers to files whose paths are somewhere else in the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct PassedOn {
    /// Attributes, whose values can only be strings.
    attributes: bool,
    /// `include!`.
    code: bool,
    /// `include_str!` or `include_bytes!`.
    data: bool,
}

impl PassedOn {
    fn add_macro(&mut self, name: &str) {
        match name {
            "include" => self.code = true,
            _ => self.data = true,
        }
    }
}

impl<'a> Search<'a, '_> {
    fn run(&mut self) {
        while let Some((path, why)) = self.queue.pop().filter(|_| !self.found.has_any) {
            let Some(file) = self.tree.file(path) else { continue };
            let code = &*file.bytes;
            if why != Why::Place || may_refer(code) || self.may_name_target(code) {
                self.look_at(path, code, why);
            }
        }
    }

    fn may_name_target(&self, code: &[u8]) -> bool {
        self.target_names.len() > MOST_NAMES || self.target_names.iter().any(|name| has_word(code, name))
    }

    fn run_by(&mut self, script: &str) {
        if let Some((path, _)) = self.tree.files().find(|(path, _)| *path == script) {
            self.enqueue(path, Why::Runs);
        }
    }

    fn enqueue(&mut self, path: &'a str, why: Why) {
        // The modules of a file beside the library are beside it, too.
        let is_enough =
            |known: Why| known >= why || (why == Why::Reference && self.targets.is_beside_library(path));
        if !self.seen.get(path).is_some_and(|known| is_enough(*known)) {
            if self.seen.insert(path, why).is_none() {
                self.seen_in_order.push(path);
            }
            self.queue.push((path, why));
        }
    }

    fn look_at(&mut self, path: &'a str, code: &[u8], why: Why) {
        if code.len() > MOST_BYTES {
            self.found.has_any = true;
            return;
        }
        for trees in readings(&source_text(code)) {
            // Words that were taken for modules.
            let mut words = HashSet::new();
            for position in trees.walk() {
                self.look_at_token(path, position, why);
                self.look_for_modules(path, position, why, &mut words);
            }
        }
    }

    fn look_at_token(&mut self, path: &'a str, position: Position<'_, '_>, why: Why) {
        let Position { before, token, after, context } = position;
        match (token, after) {
            (Token::Word("include_str"), [Token::Mark(b'!'), ..]) if position.is_documentation() => {}
            (
                Token::Word(name @ ("include" | "include_str" | "include_bytes")),
                [Token::Mark(b'!'), Token::Open { length, .. }, inside @ ..],
            ) => {
                let Some(argument) = self.argument(inside, *length) else { return };
                let text = PathText::of(argument);
                // The path is in another file.
                self.found.has_any |= argument.iter().any(is_include);
                if text.is_unknown() {
                    self.passed_on.add_macro(name);
                }
                self.concatenates |= argument.contains(&Token::Word("concat"));
                self.refer(path, &text, context.is_in_macro, *name == "include");
            }
            // Another name for the macro, or the name as the argument of another macro.
            (Token::Word(name @ ("include" | "include_str" | "include_bytes")), after) => {
                let is_method = matches!(before, [.., Token::Mark(b'.')]);
                if (context.is_in_macro && !is_method) || matches!(after, [Token::Word("as"), ..]) {
                    self.passed_on.add_macro(name);
                }
            }
            (Token::Word("path" | "natvis_file" | "gdb_script_file"), [Token::Mark(b'='), value, ..]) => {
                match value {
                    Token::Text(text) if !is_variable(position) => {
                        self.refer_by_attribute(path, text, context.is_in_braces);
                    }
                    Token::Mark(b'$') => self.passed_on.attributes = true,
                    _ => {}
                }
            }
            (Token::Mark(b'$'), [Token::Word(_), Token::Mark(b'='), Token::Text(text), ..])
                if context.is_in_macro =>
            {
                self.refer_by_attribute(path, text, true);
            }
            (Token::Mark(b'$'), _) if context.is_in_macro => {
                self.passed_on.attributes |= makes_attribute(position);
            }
            (Token::Text(text), _) if why == Why::Runs => self.name(path, text),
            (Token::Word("concat"), [Token::Mark(b'!'), Token::Open { length, .. }, inside @ ..])
                if why == Why::Runs =>
            {
                let argument = self.argument(inside, *length);
                if let Some(PathText::Whole(text)) = argument.map(PathText::of) {
                    self.name(path, &text);
                }
            }
            _ => {}
        }
    }

    /// Returns the tokens of an argument, unless there were too many.
    fn argument<'t, 'c>(&mut self, inside: &'t [Token<'c>], length: usize) -> Option<&'t [Token<'c>]> {
        let argument = inside.get(..length).unwrap_or(inside);
        self.evaluated = self.evaluated.saturating_add(argument.len());
        self.found.has_any |= self.evaluated > MOST_TOKENS;
        (!self.found.has_any).then_some(argument)
    }

    /// Handles declarations of modules, and words that a macro can make one of.
    fn look_for_modules<'t>(
        &mut self,
        path: &'a str,
        position: Position<'t, '_>,
        why: Why,
        words: &mut HashSet<&'t str>,
    ) {
        let Token::Word(word) = position.token else { return };
        let is_declared = matches!(position.before, [.., Token::Word("mod")]);
        let matters = why != Why::Place || self.target_names.contains(*word);
        if !matters || !(is_declared || position.context.is_in_macro) {
            return;
        }
        let (folder, stem) = folder_and_stem(path);
        // The modules of an inline module are in a folder of its name.
        if is_declared && matches!(position.after, [Token::Open { .. }, ..]) {
            self.add_folder(folder, word);
            self.add_folder(stem, word);
        }
        if words.insert(*word) {
            for file in [format!("{word}.rs"), format!("{word}/mod.rs")] {
                for base in [folder, stem] {
                    self.places().at(base, &file).into_iter().for_each(|found| self.add(found, why, true));
                }
            }
        }
    }

    fn places(&mut self) -> &mut Places<'a> {
        let tree = self.tree;
        self.places.get_or_insert_with(|| Places::of(tree))
    }

    /// Handles the argument of a macro that includes a file.
    fn refer(&mut self, path: &str, text: &PathText, is_of_any_file: bool, is_code: bool) {
        match text {
            PathText::Whole(text) => {
                let (folder, stem) = folder_and_stem(path);
                for base in [folder, "", stem] {
                    for found in self.places().at(base, text) {
                        self.add(found, Why::Reference, is_code);
                    }
                }
                if is_of_any_file {
                    for found in self.places().below_any(text, is_code) {
                        self.add(found, Why::Reference, is_code);
                    }
                }
            }
            PathText::End(end) if end.is_empty() => {}
            PathText::End(end) => match self.places().ending_in(end, is_code) {
                PathMatches::Files(found) => {
                    found.into_iter().for_each(|found| self.add(found, Why::Reference, is_code))
                }
                PathMatches::Any => self.found.has_any = true,
            },
        }
    }

    /// Handles the path of a module in an attribute. In an inline module, it is relative to a
    /// folder that depends on the modules around it.
    fn refer_by_attribute(&mut self, path: &str, text: &str, is_inline: bool) {
        let (folder, _) = folder_and_stem(path);
        let is_found = !self.places().at(folder, text).is_empty();
        self.refer(path, &PathText::Whole(text.to_owned()), is_inline || !is_found, true);
    }

    /// Handles a name in a build script: a file, a folder, or a pattern in a folder.
    fn name(&mut self, path: &str, text: &str) {
        let (folder, _) = folder_and_stem(path);
        // `cargo:rerun-if-changed=PATH`; `{}/PATH`; `PATH/*.c`
        let text = text.rsplit_once('=').map_or(text, |(_, value)| value).trim();
        let text = text.rsplit_once('}').map_or(text, |(_, rest)| rest);
        let pattern = text.find(['*', '?', '[', '{']).and_then(|end| text.get(..end)?.rsplit_once('/'));
        let text = pattern.map_or(text, |(folder, _)| folder);
        if text.trim_matches(['.', '/', '\\']).is_empty() {
            return;
        }
        for base in [folder, ""] {
            let found = self.places().at(base, text);
            for found in &found {
                let why = if found.ends_with(".rs") { Why::Runs } else { Why::Reference };
                self.add(found, why, false);
            }
            if found.is_empty() {
                self.add_folder(base, text);
            }
        }
    }

    /// Records a file. Its code may refer to more files.
    fn add(&mut self, path: &'a str, why: Why, is_code: bool) {
        if self.found.files.insert(path) {
            self.found_in_order.push(path);
        }
        if is_code || path.ends_with(".rs") {
            self.enqueue(path, why);
        }
    }

    fn add_folder(&mut self, base: &str, path: &str) {
        for (folder, inside) in self.places().folders(base, path) {
            if self.found.folders.insert(folder) {
                let code = inside.into_iter().filter(|path| path.ends_with(".rs"));
                code.for_each(|path| self.enqueue(path, Why::Reference));
            }
        }
    }
}

impl Position<'_, '_> {
    /// Whether the macro at this place only shows a file in the documentation:
    /// `#[doc = include_str!(…)]`.
    fn is_documentation(&self) -> bool {
        self.context.may_be_documentation
            && matches!(self.before, [.., Token::Word("doc"), Token::Mark(b'=')])
    }
}

fn is_include(token: &Token<'_>) -> bool {
    matches!(token, Token::Word("include" | "include_str" | "include_bytes"))
}

/// Whether the metavariable at a place can become `path` or its value in an attribute.
fn makes_attribute(position: Position<'_, '_>) -> bool {
    let is_after_path = matches!(position.before, [.., Token::Word("path")]);
    let starts_attribute = position.context.is_in_attribute
        && (is_after_path
            || matches!(
                position.before,
                [.., Token::Open { bracket: b'[', .. } | Token::Mark(b',')]
                    | [.., Token::Word("cfg_attr"), Token::Open { .. }]
            ));
    match position.after {
        // `$name = $value` without more to a side that is an expression.
        [Token::Word(_), Token::Mark(b'='), Token::Mark(b'$'), Token::Word("crate"), ..] => false,
        [Token::Word(_), Token::Mark(b'='), Token::Mark(b'$'), Token::Word(_), next, ..] => {
            !matches!(next, Token::Mark(b'.' | b':' | b'!' | b'?') | Token::Open { .. })
        }
        // `#[$name]`, `#[$name:meta]` and `#[$(…)*]` pass on whole attributes.
        [Token::Word(_), Token::Close(_) | Token::Mark(b':'), ..] => false,
        [Token::Open { length, .. }, inside @ ..]
            if !is_after_path
                && matches!(
                    inside.get(*length..),
                    Some([Token::Close(_), Token::Mark(_), Token::Close(_), ..])
                ) =>
        {
            false
        }
        _ => starts_attribute,
    }
}

/// Whether the word at a place is certainly a variable: `let path = …`.
fn is_variable(position: Position<'_, '_>) -> bool {
    !position.context.is_in_macro
        && !position.context.is_in_attribute
        && matches!(position.before, [.., Token::Word("let" | "mut")])
}

/// Returns the folder of a file, and the folder for its modules.
fn folder_and_stem(path: &str) -> (&str, &str) {
    let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    (folder, path.strip_suffix(".rs").unwrap_or(path))
}
