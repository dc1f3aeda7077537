//! How messages show names and lists that come from files.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Messages cut texts that are longer than this, in characters. The excerpt shows where the rest
/// is.
const LONGEST: usize = 120;

/// Whether a character controls the terminal or changes the direction of the text around it. Line
/// feeds and tabs do not count.
pub fn is_steering(character: char) -> bool {
    let is_direction = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    is_direction || (character.is_control() && !matches!(character, '\n' | '\t'))
}

/// Makes a text from a file fit for one line of a message: escapes characters that control the
/// terminal, and cuts long texts.
pub fn shown(text: &str) -> Cow<'_, str> {
    let is_unfit = |character: char| is_steering(character) || matches!(character, '\n' | '\t');
    if text.len() <= LONGEST && !text.contains(is_unfit) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if is_unfit(character) {
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Joins names in backticks into a list, with `last` before the last name: `a`, `b` and `c`.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", shown(name))).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// The first names, and the number of the others.
pub fn abbreviated(names: &[&str]) -> String {
    const MOST_NAMES: usize = 10;
    let first: Vec<_> = names.iter().take(MOST_NAMES).map(|name| shown(name)).collect();
    match names.len().checked_sub(MOST_NAMES) {
        Some(more @ 1..) => format!("{} and {more} more", first.join(", ")),
        _ => first.join(", "),
    }
}

/// Returns the candidate that the author of `name` most likely meant, if one is close enough.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST_NAME: usize = 60;
    if name.len() > LONGEST_NAME {
        return None;
    }
    let length = name.chars().count();
    let close_enough = (length / 3).max(1).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST_NAME)
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|&(distance, _)| distance <= close_enough)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Formats a number with its noun: `1 line`, `2 lines`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Says how many entries of a list are left out: `1 more line is not shown`.
pub fn not_shown(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 more {one} is not shown"),
        _ => format!("{number} more {many} are not shown"),
    }
}

/// Removes credentials from a text that is not a valid URL, for messages. The text may come from a
/// server, so control characters are replaced, which could move the cursor of a terminal.
pub fn without_credentials(raw: &str) -> String {
    let raw: &str = &raw.replace(char::is_control, "\u{FFFD}");
    let (scheme, rest) = raw.split_once("://").map_or(("", raw), |(scheme, rest)| (scheme, rest));
    // A password can contain any character, so the last `@` counts.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    match scheme {
        "" => rest.to_owned(),
        _ => format!("{}://{rest}", scheme.rsplit_once('@').map_or(scheme, |(_, scheme)| scheme)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_for_one_line() {
        assert_eq!(shown("serde"), "serde");
        assert_eq!(shown("a\nb\u{7f}"), "a\\nb\\u{7f}");
        assert_eq!(shown("a\u{202e}b\t\u{9b}"), "a\\u{202e}b\\t\\u{9b}");
        assert_eq!(shown(&"x".repeat(1000)), format!("{}…", "x".repeat(LONGEST)));
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list([], "and"), "");
        assert_eq!(list(["a"], "and"), "`a`");
        assert_eq!(list(["a", "b"], "or"), "`a` or `b`");
        assert_eq!(list(["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }

    #[test]
    fn only_a_close_name_is_offered() {
        let known = ["version", "criteria", "violation", "who", "c"];
        for (wrong, meant) in [
            ("verison", Some("version")),
            ("critera", Some("criteria")),
            ("woh", Some("who")),
            ("delta", None),
            ("", None),
            ("x", None),
            ("d", None),
        ] {
            assert_eq!(nearest(wrong, known), meant, "{wrong}");
        }
        assert_eq!(nearest(&"version".repeat(1_000_000), known), None);
    }

    #[test]
    fn what_is_no_url_is_shown_without_credentials() {
        for (raw, expected) in [
            ("host:80", "host:80"),
            ("u:p@host:80", "host:80"),
            ("http://u:p@x@host:80", "http://host:80"),
            ("u:p://x@host", "u:p://host"),
            ("\u{1b}[2J\u{9b}", "\u{fffd}[2J\u{fffd}"),
        ] {
            assert_eq!(without_credentials(raw), expected, "{raw}");
        }
    }
}
