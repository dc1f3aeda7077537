//! Macros of the crate that include files which their callers name. Any string may then be a path.

use super::{MOST_BYTES, Search};
use crate::file_role::mentions::has_word;
use crate::file_role::path_text::PathText;
use crate::file_role::token_trees::{Position, Token, readings, source_text};
use crate::tree::Tree;

impl Search<'_, '_> {
    /// Finds the files that any string in the code means.
    pub(super) fn run_for_callers(&mut self) {
        let (mut seen, mut found) = (0, 0);
        let mut passed_on = self.passed_on;
        while !self.found.has_any {
            if passed_on != self.passed_on {
                // The same strings mean more files now.
                passed_on = self.passed_on;
                (seen, found) = (0, 0);
            }
            if let Some(path) = self.seen_in_order.get(seen).copied() {
                seen += 1;
                self.look_at_strings(path);
            } else if let Some(path) = self.found_in_order.get(found).copied() {
                found += 1;
                // A macro can also include a file whose path is the content of an included file.
                if let Ok(text) = std::str::from_utf8(content(self.tree, path)) {
                    self.look_at_text(path, text, true);
                }
            } else {
                return;
            }
            self.run();
        }
    }

    fn look_at_strings(&mut self, path: &str) {
        let code = content(self.tree, path);
        if code.len() > MOST_BYTES {
            self.found.has_any = true;
            return;
        }
        let is_referred_to = self.found.files.contains(path);
        for trees in readings(&source_text(code)) {
            trees.walk().for_each(|position| self.look_at_string(path, position, is_referred_to));
        }
    }

    fn look_at_string(&mut self, path: &str, position: Position<'_, '_>, is_referred_to: bool) {
        let Position { token, after, context, .. } = position;
        let is_in_macro = context.is_in_macro || is_referred_to;
        // The value of an attribute cannot come from another macro.
        let is_for_macros = self.passed_on.code || self.passed_on.data;
        match (token, after) {
            (Token::Text(_), _) if context.may_be_documentation => {}
            (Token::Text(text), _) => self.look_at_text(path, text, is_in_macro),
            (Token::Documentation(text), _) if is_in_macro => self.look_at_text(path, text, true),
            (
                Token::Word(name @ ("concat" | "stringify" | "env" | "option_env")),
                [Token::Mark(b'!'), Token::Open { length, .. }, inside @ ..],
            ) if is_in_macro && is_for_macros => {
                let Some(inside) = self.argument(inside, *length) else { return };
                let text = match *name {
                    "concat" => PathText::of(inside),
                    "stringify" => PathText::of_stringified(inside),
                    _ if is_harmless_variable(inside) => return,
                    _ => PathText::End(String::new()),
                };
                self.found.has_any |= text.is_unknown();
                self.refer(path, &text, true, self.passed_on.code);
            }
            _ => self.found.has_any |= is_for_macros && renames_macro(position, is_in_macro),
        }
    }

    /// Finds out whether `concat!` can be a macro of the crate.
    pub(super) fn find_other_concat(&mut self) {
        let mentions = |path: &&&str| has_word(content(self.tree, path), "concat");
        self.found.has_any |= self.seen_in_order.iter().filter(mentions).any(|path| {
            if content(self.tree, path).len() > MOST_BYTES {
                return true;
            }
            let text = source_text(content(self.tree, path));
            readings(&text).iter().any(|trees| {
                trees.walk().any(|position| renames_macro(position, position.context.is_in_macro))
            })
        });
    }

    fn look_at_text(&mut self, path: &str, text: &str, is_in_macro: bool) {
        let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
        if self.places().has_name(name) {
            let is_code = self.passed_on.code || self.passed_on.attributes;
            self.refer(path, &PathText::Whole(text.to_owned()), is_in_macro, is_code);
        }
    }
}

/// Whether the code at a place gives another name to `concat!` or `stringify!`, or another meaning
/// to this name.
fn renames_macro(position: Position<'_, '_>, is_in_macro: bool) -> bool {
    let Position { token, before, after, .. } = position;
    matches!(token, Token::Word("concat" | "stringify"))
        && !matches!(after, [Token::Mark(b'!'), ..])
        && (matches!(before, [.., Token::Word("as")] | [.., Token::Word("macro_rules"), Token::Mark(b'!')])
            || matches!(after, [Token::Word("as"), ..])
            || (is_in_macro && !matches!(before, [.., Token::Mark(b'.')])))
}

fn content<'a>(tree: &'a Tree, path: &str) -> &'a [u8] {
    tree.file(path).map(|file| &*file.bytes).unwrap_or_default()
}

/// Whether a variable of the environment is certainly not the path of a file.
fn is_harmless_variable(argument: &[Token<'_>]) -> bool {
    // The author of the crate chooses the other variables of cargo. Those of a build script are its
    // own references.
    const OF_VERSION: &str = "CARGO_PKG_VERSION";
    matches!(argument, [Token::Text(name), ..]
        if !name.starts_with("CARGO_PKG_") || name == "CARGO_PKG_NAME" || name.starts_with(OF_VERSION))
}
