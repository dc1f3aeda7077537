//! The part of a text that is shown around a position.
//!
//! A text may be a single line of ten megabytes, and a span may cover all of it. The output stays
//! small anyway.

use std::ops::Range;

use crate::visible;

/// A span of more lines is marked on its first line only.
const MOST_LINES: usize = 8;

/// How many characters of a line are kept before the start of the mark, and after it. A terminal
/// shows fewer.
const BEFORE: usize = 2000;
const AFTER: usize = 600;

/// Replaces what was cut.
const ELLIPSIS: char = '…';

/// Whole lines, except for cut parts of long ones.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The lines, with control characters made visible.
    pub(super) text: String,
    /// The number of the first line, in which the span begins, starting at 1.
    pub(super) first_line: usize,
    /// The number of the character at which the span begins, starting at 1, if it cannot be counted
    /// in `text`.
    pub(super) column: Option<usize>,
    /// The span, as byte offsets into `text`.
    pub(super) mark: Range<usize>,
}

impl Window {
    /// Cuts out the lines around a byte span. A span outside the text is moved to its end.
    pub(super) fn new(text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let (before, marked_and_rest) = text.split_at_checked(start).unwrap_or((text, ""));
        let (marked, rest) = marked_and_rest.split_at_checked(end - start).unwrap_or((marked_and_rest, ""));
        let (lines_before, line_before) = match before.rfind('\n') {
            Some(feed) => before.split_at_checked(feed + 1).unwrap_or(("", before)),
            None => ("", before),
        };

        let mut window = String::new();
        let skipped = line_before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
        if skipped > 0 {
            window.push(ELLIPSIS);
        }
        line_before.get(skipped..).unwrap_or_default().chars().for_each(|c| visible::push(&mut window, c));
        let is_as_written = window == line_before;
        let mark_start = window.len();

        // A line feed at the end of the span does not add a line.
        let inner = marked.strip_suffix('\n').unwrap_or(marked);
        let is_long = inner.bytes().filter(|&byte| byte == b'\n').nth(MOST_LINES - 1).is_some();
        let shown = if is_long { inner.lines().next().unwrap_or_default() } else { inner };
        let mut cut = false;
        for (index, line) in shown.split('\n').enumerate() {
            if index > 0 {
                window.push('\n');
            }
            cut = push_start(&mut window, line);
        }
        let mark_end = window.len();
        if !cut && !is_long && inner.len() == marked.len() {
            push_start(&mut window, rest.split('\n').next().unwrap_or_default());
        }
        Window {
            text: window,
            first_line: 1 + lines_before.bytes().filter(|&byte| byte == b'\n').count(),
            column: (!is_as_written).then(|| 1 + line_before.chars().count()),
            mark: mark_start..mark_end,
        }
    }
}

/// Appends the start of a line, and returns whether something was cut.
fn push_start(window: &mut String, line: &str) -> bool {
    let mut characters = line.chars();
    characters.by_ref().take(AFTER).for_each(|character| visible::push(window, character));
    let is_cut = characters.next().is_some();
    if is_cut {
        window.push(ELLIPSIS);
    }
    is_cut
}

/// The start of the character at an offset, or the end of the text.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window around the span between `[` and `]`: its text with the marks put back, the line,
    /// and the column if it cannot be counted.
    fn window(text: &str) -> (String, usize, Option<usize>) {
        let start = text.find('[').unwrap();
        let end = text.find(']').unwrap() - 1;
        let Window { text, first_line, column, mark } =
            Window::new(&text.replace(['[', ']'], ""), start..end);
        let mut marked = text;
        marked.insert(mark.end, ']');
        marked.insert(mark.start, '[');
        (marked, first_line, column)
    }

    #[test]
    fn whole_lines_are_shown() {
        for (text, shown, line, column) in [
            ("[]", "[]", 1, None),
            ("a\nb = [c] d\ne", "b = [c] d", 2, None),
            ("a\nb = []", "b = []", 2, None),
            ("a\n[]", "[]", 2, None),
            ("a\n[]\nb", "[]", 2, None),
            ("a [b\nc\nd] e\nf", "a [b\nc\nd] e", 1, None),
            ("a [b\n]c\nf", "a [b]", 1, None),
            ("é\u{1b}\t[x\r]", "é\\u{1b}\t[x\\u{d}]", 1, Some(4)),
            ("[1\n2\n3\n4\n5\n6\n7\n8\n]9", "[1\n2\n3\n4\n5\n6\n7\n8]", 1, None),
            ("x [1\n2\n3\n4\n5\n6\n7\n8\n9] y", "x [1]", 1, None),
        ] {
            assert_eq!(window(text), (shown.to_owned(), line, column), "{text:?}");
        }
    }

    #[test]
    fn places_outside_the_text_are_moved_into_it() {
        for (start, end, mark) in
            [(0, 9, 0..2), (1, 9, 0..2), (7, 9, 2..2), (2, 1, 2..2), (usize::MAX, 0, 2..2)]
        {
            let span = Range { start, end };
            assert_eq!(Window::new("é", span.clone()).mark, mark, "{span:?}");
        }
    }

    #[test]
    fn huge_lines_and_places_are_cut() {
        const HUGE: usize = 1_000_000;
        let text = format!("a\n{}[y{}]z", "é".repeat(HUGE), "x".repeat(HUGE));
        let (shown, line, column) = window(&text);
        let expected = format!("…{}[y{}…]", "é".repeat(BEFORE), "x".repeat(AFTER - 1));
        assert_eq!((shown, line, column), (expected, 2, Some(HUGE + 1)));

        let (shown, ..) = window(&format!("[{}]", "x\n".repeat(HUGE)));
        assert_eq!(shown, "[x]");
    }
}
