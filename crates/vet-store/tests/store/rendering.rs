//! Findings as plain text, and the stores that have them.

use std::fmt::Write as _;

use vet_diagnostics::{Diagnostic, Severity};
use vet_store::{Bytes, Date, Loaded, StoreBytes, load};

/// The date on which the tests run.
pub(crate) fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 23).unwrap()
}

/// The texts of a store. Each test changes those that it is about.
pub(crate) struct Files<'a> {
    pub(crate) config: &'a str,
    pub(crate) audits: &'a str,
    pub(crate) imports: &'a str,
}

impl Default for Files<'_> {
    fn default() -> Self {
        Files { config: "[cargo-vet]\nversion = \"0.10\"\n", audits: "[audits]\n", imports: "" }
    }
}

impl<'a> Files<'a> {
    pub(crate) fn config(config: &'a str) -> Self {
        Files { config, ..Self::default() }
    }

    pub(crate) fn audits(audits: &'a str) -> Self {
        Files { audits, ..Self::default() }
    }

    pub(crate) fn imports(imports: &'a str) -> Self {
        Files { imports, ..Self::default() }
    }

    pub(crate) fn load(&self) -> Result<Loaded, Vec<Diagnostic>> {
        let file = |name, text: &'a str| Bytes { name, bytes: text.as_bytes() };
        let files = StoreBytes {
            config: file("config.toml", self.config),
            audits: file("audits.toml", self.audits),
            imports: file("imports.lock", self.imports),
        };
        load(files, today())
    }

    /// Returns what loading finds: errors, or else warnings and conditional findings.
    pub(crate) fn findings(&self) -> String {
        match self.load() {
            Err(problems) => render_all(&problems),
            Ok(loaded) => {
                let mut text = render_all(&loaded.warnings);
                for conditional in &loaded.conditional {
                    let _ = writeln!(
                        text,
                        "if {:?}:\n{}",
                        conditional.condition,
                        render(&conditional.diagnostic)
                    );
                }
                text
            }
        }
    }
}

pub(crate) fn render_all(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| render(diagnostic) + "\n").collect()
}

pub(crate) fn render(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = format!("{severity}[{}]: {}", diagnostic.code, diagnostic.message);
    for excerpt in &diagnostic.excerpts {
        let before = excerpt.source.text.get(..excerpt.span.start).expect("the span begins inside the text");
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.chars().rev().take_while(|&character| character != '\n').count();
        let marked = excerpt.source.text.get(excerpt.span.clone()).expect("the span lies inside the text");
        let _ = write!(text, "\n  {}:{line}:{column}: {marked:?}", excerpt.source.name);
        if !excerpt.label.is_empty() {
            let _ = write!(text, " <- {}", excerpt.label);
        }
    }
    for note in &diagnostic.notes {
        let _ = write!(text, "\n  note: {}", note.replace('\n', "\n    "));
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\n  help: {help}");
    }
    text
}

/// One paragraph for each case: its name and its findings.
pub(crate) fn transcript(cases: &[(&str, Files<'_>)]) -> String {
    cases.iter().map(|(name, files)| format!("── {name}\n{}\n", files.findings())).collect()
}
