//! Checks whether a file is in canonical form.

use vet_diagnostics::{Code, Diagnostic};

use crate::difference::{first_difference, unified_diff};
use crate::files::StoreFile;
use crate::store::Store;
use crate::text::Text;
use crate::text::Texts;
use crate::write::{Accounts, write_audits, write_config, write_imports};

/// Returns an error for each file whose text differs from what a write would produce. Blank lines
/// at the end are ignored.
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

/// Returns an error if the text of `vet.toml` differs from the result of
/// [`format_settings`](crate::format_settings).
///
/// A check does not require this: it does not write the file together with the others, so nothing
/// depends on its form.
pub fn check_settings_formatting(text: &Text, canonical: &str) -> Option<Diagnostic> {
    check_file(text, canonical)
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
    problem = problem.note(unified_diff(("current", written), ("canonical", canonical)));
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
