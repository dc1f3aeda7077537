//! Differences between two texts, for messages.

use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, TextDiff};

use vet_diagnostics::wording;

/// Returns the byte offset of the first line of `old` that differs in `new`.
pub(crate) fn first_difference(old: &str, new: &str) -> usize {
    let same = old.split_inclusive('\n').zip(new.split_inclusive('\n')).take_while(|(a, b)| a == b);
    same.map(|(line, _)| line.len()).sum()
}

/// Formats a unified diff of two named texts. It starts at the first difference and is limited in
/// length.
pub(crate) fn unified_diff((old_name, old): (&str, &str), (new_name, new): (&str, &str)) -> String {
    const CONTEXT: usize = 3;
    // The limit on compared lines. It is enough to fill the diff, and avoids needless work.
    const COMPARED: usize = 1_000;
    const SHOWN: usize = 60;

    let start = first_difference(old, new);
    let before = old.get(..start).unwrap_or_default();
    let skipped = before.lines().count().saturating_sub(CONTEXT);
    let window = |text: &str| -> Vec<String> {
        text.split('\n').skip(skipped).take(COMPARED).map(str::to_owned).collect()
    };
    let (old, new) = (window(old), window(new));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&old, &new);

    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (old, new) =
            (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
        lines.push(format!(
            "@@ -{},{} +{},{} @@",
            skipped + old.start + 1,
            old.len(),
            skipped + new.start + 1,
            new.len()
        ));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push(format!("{sign}{}", change.value()));
        }
    }
    let hidden = lines.len().saturating_sub(SHOWN);
    let mut text = format!("--- {}\n+++ {}", wording::shown(old_name), wording::shown(new_name));
    for line in lines.iter().take(SHOWN) {
        let _ = write!(text, "\n{}", shortened(line));
    }
    if hidden > 0 {
        let _ = write!(text, "\n… and {}", wording::count(hidden, "more line", "more lines"));
    }
    text
}

/// Cuts a line of a diff at a length that people still read.
fn shortened(line: &str) -> String {
    const LONGEST: usize = 200;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
