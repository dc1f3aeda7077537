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
    let mut subjects: Vec<Topic> = errors.iter().map(|error| Topic::of(error)).collect();
    subjects.dedup();
    let problems = count(errors.len(), "problem");
    let sentence = match subjects.as_slice() {
        [Topic::Store] => format!("the store has {problems}"),
        [Topic::Graph] => format!("the dependency graph has {problems}"),
        [Topic::Fit] => format!("the store does not match the dependency graph: {problems}"),
        [Topic::Request | Topic::Network] | [_, ..] | [] => format!("the command failed: {problems}"),
    };
    if warnings > 0 { format!("{sentence}, {}", count(warnings, "warning")) } else { sentence }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The subject of a finding, from the hundred of its code and the owner of the invalid file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Store,
    Graph,
    Fit,
    Request,
    Network,
}

impl Topic {
    fn of(diagnostic: &Diagnostic) -> Self {
        let is_fetched =
            diagnostic.excerpts.first().is_some_and(|excerpt| excerpt.source.name.contains("://"));
        match diagnostic.code.number() / 100 {
            1 | 2 if is_fetched => Topic::Network,
            1 | 2 => Topic::Store,
            3 => Topic::Graph,
            4 => Topic::Fit,
            7 => Topic::Network,
            _ => Topic::Request,
        }
    }
}
