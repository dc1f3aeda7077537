//! Finds out which entry each comment belongs to.

use std::ops::Range;

use toml_parser::lexer::TokenKind;

use super::{Around, Comment, File, Value};

/// Attaches each comment of a text to its neighbour.
pub(super) fn distribute(file: &mut File, text: &str) {
    let mut spots = spots(file);
    // An inner item comes after the item that contains it.
    spots.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let comments = comments(text);
    for (index, comment) in comments.iter().enumerate() {
        let later = comments.get(index..).unwrap_or_default();
        let home = home(comment, later, &spots, text);
        let words = text.get(comment.clone()).unwrap_or_default().trim_end().to_owned();
        file.take(home, Comment { text: words, is_set_apart: is_set_apart(text, comment.start) });
    }
}

/// An item that has a place in the text, by its indices.
#[derive(Clone, Copy, PartialEq)]
enum Spot {
    Header(usize),
    Entry(usize, usize),
    Element(usize, usize, usize),
}

impl Spot {
    fn section(self) -> usize {
        match self {
            Spot::Header(section) | Spot::Entry(section, _) | Spot::Element(section, _, _) => section,
        }
    }
}

/// The new place of a comment.
enum Home {
    Head,
    Above(Spot),
    Behind(Spot),
    EndOfArray(usize, usize),
    EndOfSection(usize),
}

type Spots = Vec<(Range<usize>, Spot)>;

fn spots(file: &File) -> Spots {
    let mut spots = Vec::new();
    for (section, content) in file.sections.iter().enumerate() {
        spots.extend(content.header.clone().map(|span| (span, Spot::Header(section))));
        for (entry, content) in content.entries.iter().enumerate() {
            spots.push((content.span.clone(), Spot::Entry(section, entry)));
            let Value::Array { elements, .. } = &content.value else { continue };
            let spot = |element| Spot::Element(section, entry, element);
            spots.extend(
                elements.iter().enumerate().map(|(index, element)| (element.span.clone(), spot(index))),
            );
        }
    }
    spots
}

fn comments(text: &str) -> Vec<Range<usize>> {
    let tokens = toml_parser::Source::new(text).lex();
    let comments = tokens.filter(|token| token.kind() == TokenKind::Comment);
    comments.map(|token| token.span().start()..token.span().end()).collect()
}

/// Returns the new place of `comment`.
fn home(comment: &Range<usize>, later: &[Range<usize>], spots: &Spots, text: &str) -> Home {
    let at = comment.start;
    let line = line_start(text, at);
    let on_line = spots.iter().filter(|(span, _)| span.end <= at && span.end > line);
    if let Some((_, spot)) = on_line.max_by_key(|(span, _)| span.end) {
        return Home::Behind(*spot);
    }
    let around = spots.iter().rev().find(|(span, _)| span.start < at && at < span.end);
    let next = spots.iter().find(|(span, _)| span.start >= at);
    match (around, next) {
        // The comment is in the middle of an element.
        (Some((_, spot @ Spot::Element(..))), _) => return Home::Above(*spot),
        (Some((span, _)), Some((start, spot @ Spot::Element(..)))) if start.start < span.end => {
            return Home::Above(*spot);
        }
        (Some((_, Spot::Entry(section, entry))), _) => return Home::EndOfArray(*section, *entry),
        _ => {}
    }
    let previous = spots.iter().rev().find(|(span, _)| span.start < at).map(|(_, spot)| spot.section());
    match (previous, next) {
        (Some(_), Some((_, spot))) if !matches!(spot, Spot::Header(_)) => Home::Above(*spot),
        (_, Some((span, spot))) if touches(later, span.start, text) => Home::Above(*spot),
        (Some(section), _) => Home::EndOfSection(section),
        (None, _) => Home::Head,
    }
}

/// Whether there is no empty line between the first of some comments and the item that follows at
/// an offset.
fn touches(comments: &[Range<usize>], start: usize, text: &str) -> bool {
    let mut from = None;
    for comment in comments.iter().take_while(|comment| comment.start < start) {
        if from.is_some_and(|from| is_empty_line_in(text, from..comment.start)) {
            return false;
        }
        from = Some(comment.end);
    }
    from.is_some_and(|from| !is_empty_line_in(text, from..start))
}

fn is_empty_line_in(text: &str, between: Range<usize>) -> bool {
    text.get(between).unwrap_or_default().matches('\n').count() > 1
}

/// Whether there is an empty line above the line of an offset.
fn is_set_apart(text: &str, at: usize) -> bool {
    let above = text.get(..line_start(text, at)).unwrap_or_default();
    above
        .strip_suffix('\n')
        .is_some_and(|above| above.rsplit('\n').next().unwrap_or_default().trim().is_empty())
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

impl File {
    fn take(&mut self, home: Home, comment: Comment) {
        let section = match home {
            Home::Head => return self.head.push(comment),
            Home::Above(spot) | Home::Behind(spot) => spot.section(),
            Home::EndOfArray(section, _) | Home::EndOfSection(section) => section,
        };
        let Some(section) = self.sections.get_mut(section) else { return };
        let (spot, is_behind) = match home {
            Home::EndOfSection(_) | Home::Head => return section.end.push(comment),
            Home::EndOfArray(_, entry) => {
                if let Some(Value::Array { end, .. }) =
                    section.entries.get_mut(entry).map(|entry| &mut entry.value)
                {
                    end.push(comment);
                }
                return;
            }
            Home::Above(spot) => (spot, false),
            Home::Behind(spot) => (spot, true),
        };
        let around = match spot {
            Spot::Header(_) => Some(&mut section.around),
            Spot::Entry(_, entry) => section.entries.get_mut(entry).map(|entry| &mut entry.around),
            Spot::Element(_, entry, index) => {
                section.entries.get_mut(entry).and_then(|entry| match &mut entry.value {
                    Value::Array { elements, .. } => {
                        elements.get_mut(index).map(|element| &mut element.around)
                    }
                    Value::Plain(_) => None,
                })
            }
        };
        if let Some(around) = around {
            around.take(comment, is_behind);
        }
    }
}

impl Around {
    /// A line can have only one comment behind an item. Further ones move above it.
    fn take(&mut self, comment: Comment, is_behind: bool) {
        if is_behind && self.behind.is_none() {
            self.behind = Some(comment.text);
        } else {
            self.above.push(comment);
        }
    }
}
