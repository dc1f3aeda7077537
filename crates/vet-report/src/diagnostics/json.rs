//! Findings as JSON, in the format of the original's errors, with the code added at the end.

use std::sync::Arc;

use serde::Serialize;
use vet_diagnostics::{Diagnostic, Excerpt, Severity};

use super::summary::summary;
use crate::json;

/// The findings that made a command fail, as one object on a line.
///
/// A single finding is the error itself. Several findings are related to an error that counts them.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let error = match diagnostics {
        [only] => ErrorJson::from(only),
        several => ErrorJson {
            related: several.iter().map(ErrorJson::from).collect(),
            ..ErrorJson::new(summary(several), "error")
        },
    };
    let mut line = json::line(&Envelope { error });
    line.push('\n');
    line
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: ErrorJson<'a>,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    message: String,
    severity: &'static str,
    causes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    labels: Vec<LabelJson<'a>>,
    related: Vec<ErrorJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Serialize)]
struct LabelJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    span: SpanJson,
}

#[derive(Serialize)]
struct SpanJson {
    offset: usize,
    length: usize,
}

impl ErrorJson<'_> {
    fn new(message: String, severity: &'static str) -> Self {
        ErrorJson {
            message,
            severity,
            causes: &[],
            help: None,
            filename: None,
            labels: Vec::new(),
            related: Vec::new(),
            code: None,
        }
    }
}

impl<'a> From<&'a Diagnostic> for ErrorJson<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let main = diagnostic.excerpts.first().map(|excerpt| &excerpt.source);
        let is_in_main = |excerpt: &&Excerpt| main.is_some_and(|main| Arc::ptr_eq(main, &excerpt.source));
        // An object concerns one file, so excerpts of other files go into separate objects.
        let (here, elsewhere): (Vec<&Excerpt>, Vec<&Excerpt>) =
            diagnostic.excerpts.iter().partition(is_in_main);
        ErrorJson {
            causes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
            filename: main.map(|source| source.name.as_str()),
            labels: here.into_iter().map(LabelJson::from).collect(),
            related: elsewhere.into_iter().map(place_elsewhere).collect(),
            code: Some(diagnostic.code.to_string()),
            ..ErrorJson::new(diagnostic.message.clone(), severity)
        }
    }
}

fn place_elsewhere(excerpt: &Excerpt) -> ErrorJson<'_> {
    ErrorJson {
        filename: Some(&excerpt.source.name),
        labels: vec![LabelJson::from(excerpt)],
        ..ErrorJson::new(excerpt.label.clone(), "advice")
    }
}

impl<'a> From<&'a Excerpt> for LabelJson<'a> {
    fn from(excerpt: &'a Excerpt) -> Self {
        LabelJson {
            label: (!excerpt.label.is_empty()).then_some(&excerpt.label),
            span: SpanJson { offset: excerpt.span.start, length: excerpt.span.len() },
        }
    }
}
