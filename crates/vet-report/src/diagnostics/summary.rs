//! Several findings in one sentence.

use vet_diagnostics::{Diagnostic, Severity};

/// The number of findings, and their subject.
pub(super) fn summary(diagnostics: &[Diagnostic]) -> String {
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    if errors.is_empty() {
        return count(warnings, "warning");
    }
    let mut subjects: Vec<Subject> = errors.iter().map(|error| Subject::of(error)).collect();
    subjects.dedup();
    let problems = count(errors.len(), "problem");
    let sentence = match subjects.as_slice() {
        [Subject::Store] => format!("the store has {problems}"),
        [Subject::Graph] => format!("the dependency graph has {problems}"),
        [Subject::Fit] => format!("the store does not match the dependency graph: {problems}"),
        [Subject::Request | Subject::Network] | [_, ..] | [] => format!("the command failed: {problems}"),
    };
    if warnings > 0 { format!("{sentence}, {}", count(warnings, "warning")) } else { sentence }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The subject of a finding, from the hundred of its code and the owner of the invalid file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Store,
    Graph,
    Fit,
    Request,
    Network,
}

impl Subject {
    fn of(diagnostic: &Diagnostic) -> Self {
        let is_fetched =
            diagnostic.excerpts.first().is_some_and(|excerpt| excerpt.source.name.contains("://"));
        match diagnostic.code.number() / 100 {
            1 | 2 if is_fetched => Subject::Network,
            1 | 2 => Subject::Store,
            3 => Subject::Graph,
            4 => Subject::Fit,
            7 => Subject::Network,
            _ => Subject::Request,
        }
    }
}
