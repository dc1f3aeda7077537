//! What a write drops. The canonical text contains only what the types contain, so comments and
//! unknown fields are lost.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use toml_parser::lexer::TokenKind;
use vet_diagnostics::{Code, Diagnostic, Source, wording};

use crate::entries::{Publisher, PublisherId};
use crate::files::StoreFile;
use crate::read::{known, policy_key, publisher_id, store_publisher};
use crate::write::header;

/// A piece of a file that a write drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The place: byte offsets into the text.
    pub span: Range<usize>,
    /// The line that the piece begins in, counted from 1.
    pub line: usize,
    /// The kind of piece.
    pub kind: DroppedKind,
}

/// The kinds of pieces that a write drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DroppedKind {
    /// A comment, of one or several lines.
    Comment,
    /// A field that the format does not have.
    UnknownField(String),
    /// A field that the format has, but that has no effect here.
    IgnoredField {
        /// The field.
        name: String,
        /// What is used instead.
        instead: String,
    },
}

/// Returns everything that rewriting a file drops, in the order of lines.
///
/// The comment at the beginning of the file and the account names beside a `user-id` are not
/// dropped: a write renews them, whatever they say. Fields are not searched where unknown fields
/// are errors.
pub fn dropped_text(file: StoreFile, source: &Source) -> Vec<Dropped> {
    let document = DeTable::parse_recoverable(&source.text).0.into_inner();
    let mut found = DroppedTexts { text: &source.text, all: Vec::new(), accounts: BTreeSet::new() };
    match file {
        StoreFile::Config => found.config(&document),
        StoreFile::Audits => found.audits(&document),
        StoreFile::Imports => found.imports(&document),
    }
    found.comments(file);
    found.all.sort_by_key(|(span, _)| span.start);
    let (mut line, mut counted) = (1, 0);
    let in_line = |(span, kind): (Range<usize>, DroppedKind)| {
        let passed = source.text.get(counted..span.start).unwrap_or_default();
        line += passed.bytes().filter(|&byte| byte == b'\n').count();
        counted = span.start;
        Dropped { span, line, kind }
    };
    found.all.into_iter().map(in_line).collect()
}

/// Returns one warning that lists what [`dropped_text`] found in a file, or `None` if it found
/// nothing.
pub fn dropped_warning(source: &Arc<Source>, dropped: &[Dropped]) -> Option<Diagnostic> {
    const MOST_PLACES: usize = 10;
    let comments = dropped.iter().filter(|dropped| dropped.kind == DroppedKind::Comment).count();
    let fields = dropped.len() - comments;
    let counts = [(comments, "comment", "comments"), (fields, "field", "fields")];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|&(number, ..)| number > 0)
        .map(|(number, one, many)| wording::count(number, one, many))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let message = format!("writing {} drops {}", source.name, parts.join(" and "));
    let mut warning = Diagnostic::warning(Code::DroppedText, message);
    for Dropped { span, kind, .. } in dropped.iter().take(MOST_PLACES) {
        let label = match kind {
            DroppedKind::Comment => "dropped".to_owned(),
            DroppedKind::UnknownField(_) => "dropped: unknown field".to_owned(),
            DroppedKind::IgnoredField { instead, .. } => {
                format!("dropped: {} is used instead", wording::shown(instead))
            }
        };
        warning = warning.at(source, span.clone(), label);
    }
    let rest: Vec<String> =
        dropped.iter().skip(MOST_PLACES).take(100).map(|item| item.line.to_string()).collect();
    if !rest.is_empty() {
        warning = warning.note(format!("further lines: {}", rest.join(", ")));
    }
    Some(warning.help("move text that you need to `notes` or to another file"))
}

struct DroppedTexts<'a> {
    text: &'a str,
    all: Vec<(Range<usize>, DroppedKind)>,
    /// The ends of the account numbers that get a comment.
    accounts: BTreeSet<usize>,
}

type Key<'a> = Spanned<DeString<'a>>;

impl DroppedTexts<'_> {
    fn push(&mut self, span: Range<usize>, kind: DroppedKind) {
        self.all.push((span, kind));
    }

    fn ignored(&mut self, key: &Key<'_>, instead: &str) {
        let name = key.get_ref().to_string();
        self.push(key.span(), DroppedKind::IgnoredField { name, instead: instead.to_owned() });
    }

    fn unknown(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            self.push(key.span(), DroppedKind::UnknownField(key.get_ref().to_string()));
        }
    }

    fn config(&mut self, document: &DeTable<'_>) {
        self.unknown(document, known::CONFIG_FILE);
        if let Some(table) = table(document, "cargo-vet") {
            self.unknown(table, known::CARGO_VET);
        }
        for (_, import) in tables(document, "imports") {
            self.unknown(import, known::IMPORT);
        }
        let mut last: Option<(&Key<'_>, _)> = None;
        for (key, policy) in tables(document, "policy") {
            self.unknown(policy, known::POLICY);
            let Ok(meaning) = policy_key(key.get_ref()) else { continue };
            // Keys that spell the same version are neighbours. The last one is used.
            if let Some((earlier, earlier_meaning)) = last
                && earlier_meaning == meaning
            {
                self.ignored(earlier, &format!("`{}`", key.get_ref()));
            }
            last = Some((key, meaning));
        }
        for name in ["exemptions", "unaudited"] {
            for entry in entries(document, name) {
                self.unknown(entry, known::EXEMPTION);
            }
        }
    }

    fn audits(&mut self, document: &DeTable<'_>) {
        self.unknown(document, known::AUDITS_FILE);
        for (name, fields) in [("wildcard-audits", known::WILDCARD), ("trusted", known::TRUSTED)] {
            for entry in entries(document, name) {
                self.unknown(entry, fields);
                if let Some((_, id)) = entry.get_key_value("user-id") {
                    self.accounts.insert(id.span().end);
                }
                match publisher_id(entry) {
                    Some(PublisherId::User(_)) => self.given(entry, &["trusted-publisher"], "`user-id`"),
                    Some(PublisherId::TrustedPublisher(_)) => {
                        self.given(entry, &["user-id"], "`trusted-publisher`")
                    }
                    None => {}
                }
            }
        }
    }

    fn imports(&mut self, document: &DeTable<'_>) {
        self.unknown(document, known::IMPORTS_FILE);
        for entry in entries(document, "unpublished") {
            self.unknown(entry, known::UNPUBLISHED);
        }
        for entry in entries(document, "publisher") {
            self.unknown(entry, known::PUBLISHER);
            match store_publisher(entry) {
                Some(Publisher::User { .. }) => self.given(entry, &["trusted-publisher"], "`user-id`"),
                Some(Publisher::TrustedPublisher(_)) => {
                    self.given(entry, &["user-id", "user-login", "user-name"], "`trusted-publisher`");
                }
                None => {}
            }
        }
        for (_, section) in tables(document, "audits") {
            self.audits(section);
        }
    }

    /// Reports those of the named fields that the entry has.
    fn given(&mut self, entry: &DeTable<'_>, names: &[&str], instead: &str) {
        for name in names {
            if let Some((key, _)) = entry.get_key_value(*name) {
                self.ignored(key, instead);
            }
        }
    }

    fn comments(&mut self, file: StoreFile) {
        let header = match file {
            StoreFile::Config => header::CONFIG,
            StoreFile::Audits => header::AUDITS,
            StoreFile::Imports => header::IMPORTS,
        };
        let mut at_start = true;
        // The comment lines seen last, as one range. A further line may continue them.
        let mut block: Option<Range<usize>> = None;
        for token in toml_parser::Source::new(self.text).lex() {
            let span = token.span().start()..token.span().end();
            match token.kind() {
                TokenKind::Whitespace | TokenKind::Newline => continue,
                TokenKind::Comment => {}
                _ => {
                    at_start = false;
                    continue;
                }
            }
            let before = self.text.get(..span.start).unwrap_or_default();
            let comment = self.text.get(span.clone()).unwrap_or_default().trim_end();
            let is_header = std::mem::take(&mut at_start) && comment == header;
            let is_account = self.accounts.contains(&before.trim_end_matches([' ', '\t']).len());
            if is_header || is_account {
                continue;
            }
            let span = span.start..span.start + comment.len();
            match &mut block {
                Some(block) if self.continues(block.end, span.start) => block.end = span.end,
                _ => {
                    if let Some(block) = block.replace(span) {
                        self.push(block, DroppedKind::Comment);
                    }
                }
            }
        }
        if let Some(block) = block {
            self.push(block, DroppedKind::Comment);
        }
    }

    /// Whether only a single line end lies between two comments.
    fn continues(&self, end: usize, start: usize) -> bool {
        let between = self.text.get(end..start).unwrap_or_default();
        between.trim().is_empty() && between.matches('\n').count() == 1
    }
}

fn table<'t, 'a>(parent: &'t DeTable<'a>, name: &str) -> Option<&'t DeTable<'a>> {
    parent.get(name)?.get_ref().as_table()
}

/// Iterates over the tables inside a table.
fn tables<'t, 'a>(
    parent: &'t DeTable<'a>,
    name: &str,
) -> impl Iterator<Item = (&'t Key<'a>, &'t DeTable<'a>)> {
    let table = table(parent, name);
    table.into_iter().flatten().filter_map(|(key, value)| Some((key, value.get_ref().as_table()?)))
}

/// Iterates over the entries of all arrays inside a table.
fn entries<'t, 'a>(parent: &'t DeTable<'a>, name: &str) -> impl Iterator<Item = &'t DeTable<'a>> {
    let arrays =
        table(parent, name).into_iter().flatten().filter_map(|(_, value)| value.get_ref().as_array());
    arrays.flat_map(|array| {
        array.iter().filter_map(|entry| match entry.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        })
    })
}
