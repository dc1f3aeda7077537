//! Walks through token trees and tells what surrounds each token.

use super::{Token, TokenTrees};

/// What the groups around a token say about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Context {
    /// The token is in the definition of a macro, or in the arguments of a macro call. What it does
    /// depends on the macro, and the file that it belongs to can be any file that calls the macro.
    pub(in super::super) is_in_macro: bool,
    /// The token is in an attribute.
    pub(in super::super) is_in_attribute: bool,
    /// The token is in braces, so a module in it may have its files in another folder.
    pub(in super::super) is_in_braces: bool,
    /// The token is directly in `#[doc …]` or `#[cfg_attr(…)]`, and no macro can take it from
    /// there.
    pub(in super::super) may_be_documentation: bool,
}

/// A token with its surroundings.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Position<'t, 'a> {
    /// The tokens before.
    pub(in super::super) before: &'t [Token<'a>],
    /// The token.
    pub(in super::super) token: &'t Token<'a>,
    /// The tokens after.
    pub(in super::super) after: &'t [Token<'a>],
    /// What the groups around the token say about it.
    pub(in super::super) context: Context,
}

impl<'a> TokenTrees<'a> {
    /// Iterates over the tokens with their surroundings, in the order of the file.
    pub(in super::super) fn walk(&self) -> impl Iterator<Item = Position<'_, 'a>> {
        let tokens = self.tokens();
        // `macro name(…) { … }` (unstable) defines a macro without an exclamation mark.
        let is_definition =
            |pair: &[Token<'_>]| matches!(pair, [Token::Word("macro"), Token::Word(_) | Token::Mark(b'$')]);
        let is_uncertain = !self.is_balanced || tokens.windows(2).any(is_definition);
        let outermost = Context {
            is_in_macro: is_uncertain,
            is_in_attribute: is_uncertain,
            is_in_braces: is_uncertain,
            may_be_documentation: false,
        };
        // The end and the context of each group around the current token.
        let mut groups: Vec<(usize, Context)> = Vec::new();
        tokens.iter().enumerate().map(move |(index, token)| {
            while groups.last().is_some_and(|(end, _)| *end <= index) {
                groups.pop();
            }
            let context = groups.last().map_or(outermost, |(_, context)| *context);
            let before = tokens.get(..index).unwrap_or_default();
            let after = tokens.get(index + 1..).unwrap_or_default();
            if let (Token::Open { bracket, length }, false) = (token, is_uncertain) {
                let end = (index + 1).saturating_add(*length);
                groups.push((end, context.of_group(before, *bracket, after)));
            }
            Position { before, token, after, context }
        })
    }
}

impl Context {
    /// Returns the context in a group, given the context of the group and the tokens around its
    /// opening bracket.
    fn of_group(self, before: &[Token<'_>], bracket: u8, after: &[Token<'_>]) -> Self {
        let is_attribute = bracket == b'['
            && matches!(before, [.., Token::Mark(b'#')] | [.., Token::Mark(b'#'), Token::Mark(b'!')]);
        // `name!(…)`, `macro_rules! name { … }`. This can also be `if !(…)`, which does no harm.
        let is_macro = !is_attribute
            && matches!(
                before,
                [.., Token::Word(_), Token::Mark(b'!')]
                    | [.., Token::Mark(b'!'), Token::Word(_)]
                    | [.., Token::Mark(b'!'), Token::Mark(b'$'), Token::Word(_)]
            );
        let is_in_macro = self.is_in_macro || is_macro;
        let may_be_documentation = match is_attribute {
            true => matches!(after, [Token::Word("doc" | "cfg_attr"), ..]),
            false => self.may_be_documentation && matches!(before, [.., Token::Word("cfg_attr")]),
        };
        Context {
            is_in_macro,
            is_in_attribute: self.is_in_attribute || is_attribute,
            is_in_braces: self.is_in_braces || bracket == b'{',
            may_be_documentation: may_be_documentation && !is_in_macro,
        }
    }
}
