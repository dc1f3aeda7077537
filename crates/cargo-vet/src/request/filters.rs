//! The values of `--filter-graph`.

use vet_diagnostics::{Code, Diagnostic, Source};
use vet_graph::{FilterError, GraphFilter};

/// Parses filters.
///
/// # Errors
///
/// The first filter that is invalid.
pub(super) fn read(texts: &[String]) -> Result<Vec<GraphFilter>, Diagnostic> {
    texts.iter().map(|text| text.parse().map_err(|error| mistake(text, &error))).collect()
}

fn mistake(text: &str, error: &FilterError) -> Diagnostic {
    let code = Code::BadFilter;
    Diagnostic::error(code, error.problem.to_string())
        .at(&Source::new("--filter-graph", text), error.span.clone(), "")
        .help(format!("{}\n`cargo vet explain {code}` describes filters", error.help()))
}
