//! Whether a file is in canonical form.

use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, TextDiff};

use crate::diagnostic::{Code, Diagnostic};
use crate::files::Store;
use crate::load::{StoreFile, Texts};
use crate::text::Text;
use crate::wording;
use crate::write::{Accounts, write_audits, write_config, write_imports};

/// One finding for each file whose text is not what the store would be written as. Blank lines at the end are
/// nobody's business.
pub fn check_formatting(store: &Store, texts: &Texts) -> Vec<Diagnostic> {
    let check = |file, canonical: String| check_file(texts.get(file), &canonical);
    let accounts = Accounts::from_imports(&store.imports);
    [
        check(StoreFile::Config, write_config(&store.config)),
        check(StoreFile::Audits, write_audits(&store.audits, &accounts)),
        check(StoreFile::Imports, write_imports(&store.imports)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check_file(text: &Text, canonical: &str) -> Option<Diagnostic> {
    const HELP: &str = "run `cargo vet fmt`";
    let source = &text.source;
    let (written, canonical) = (source.text.trim_end(), canonical.trim_end());
    let encoding = encoding(text);
    let finding = |detail: &str| {
        Diagnostic::error(Code::NotFormatted, format!("{} is not in canonical form{detail}", source.name))
            .help(HELP)
    };
    if written == canonical {
        let encoding = encoding?;
        return Some(finding(&format!(": {encoding}")).note("that is the only difference"));
    }
    let differs = first_difference(written, canonical);
    let line_end =
        written.get(differs..).and_then(|rest| rest.find('\n')).map_or(written.len(), |end| differs + end);
    let mut problem = finding("").at(source, differs..line_end, "the first difference");
    problem = problem.note(diff(written, canonical));
    if let Some(encoding) = encoding {
        problem = problem.note(format!("besides, {encoding}"));
    }
    Some(problem)
}

fn encoding(text: &Text) -> Option<&'static str> {
    match (text.had_bom, text.had_crlf) {
        (false, false) => None,
        (true, false) => Some("it begins with a byte order mark"),
        (false, true) => Some("its lines end in CRLF instead of LF"),
        (true, true) => Some("it begins with a byte order mark, and its lines end in CRLF instead of LF"),
    }
}

/// The offset of the first line of `written` that is not the same in `canonical`.
fn first_difference(written: &str, canonical: &str) -> usize {
    let same = written.split_inclusive('\n').zip(canonical.split_inclusive('\n')).take_while(|(a, b)| a == b);
    same.map(|(line, _)| line.len()).sum()
}

/// A unified diff from what is written to what is canonical, from the first difference on, and not too long.
fn diff(written: &str, canonical: &str) -> String {
    const CONTEXT: usize = 3;
    // Compared at most, in lines: enough to fill what is shown, and no more work than that needs.
    const COMPARED: usize = 1_000;
    const SHOWN: usize = 60;

    let start = first_difference(written, canonical);
    let before = written.get(..start).unwrap_or_default();
    let skipped = before.lines().count().saturating_sub(CONTEXT);
    let window = |text: &str| -> Vec<String> {
        text.split('\n').skip(skipped).take(COMPARED).map(str::to_owned).collect()
    };
    let (old, new) = (window(written), window(canonical));
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
    let mut text = String::from("--- as it is\n+++ as it would be written");
    for line in lines.iter().take(SHOWN) {
        let _ = write!(text, "\n{}", shortened(line));
    }
    if hidden > 0 {
        let _ = write!(text, "\n… and {}", wording::count(hidden, "more line", "more lines"));
    }
    text
}

/// A line of a diff, cut where nobody reads on.
fn shortened(line: &str) -> String {
    const LONGEST: usize = 200;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}
