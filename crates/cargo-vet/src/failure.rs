//! Why a command could not be carried out.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use vet_store::diagnostic::{Diagnostic, Severity};

/// The findings that made a command fail, the main one first.
#[derive(Debug)]
pub(crate) struct Failure(Vec<Diagnostic>);

impl Failure {
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// One line of JSON.
    pub(crate) fn to_json(&self) -> String {
        let mut diagnostics = self.diagnostics();
        let mut error = diagnostics.next().map(object).unwrap_or_default();
        if let Some(related) = error.get_mut("related") {
            *related = diagnostics.map(object).collect();
        }
        format!("{}\n", json!({ "error": error }))
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Failure(diagnostics)
    }
}

/// A finding for people.
pub(crate) fn to_text(diagnostic: &Diagnostic, colored: bool) -> String {
    let (label, color) = match diagnostic.severity {
        Severity::Error => ("error", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
    };
    let styled = |style: Style| if colored { style } else { Style::new() };
    let (label_style, bold) = (styled(color.on_default().bold()), styled(Style::new().bold()));
    let mut text = format!(
        "{label_style}{label}[{}]{label_style:#}: {bold}{}{bold:#}\n",
        diagnostic.code, diagnostic.message
    );
    for excerpt in &diagnostic.excerpts {
        let before = excerpt.source.text.get(..excerpt.span.start).unwrap_or(&excerpt.source.text);
        let line = before.matches('\n').count() + 1;
        let _ = writeln!(text, "  --> {}:{line}", excerpt.source.name);
    }
    for note in &diagnostic.notes {
        let _ = writeln!(text, "  = {bold}note{bold:#}: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(text, "  = {bold}help{bold:#}: {help}");
    }
    text
}

fn object(diagnostic: &Diagnostic) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut object = json!({
        "message": diagnostic.message,
        "severity": severity,
        "causes": diagnostic.notes,
        "labels": [],
        "related": [],
    });
    if let (Value::Object(fields), Some(help)) = (&mut object, &diagnostic.help) {
        fields.insert("help".to_owned(), help.clone().into());
    }
    object
}
