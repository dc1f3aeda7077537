//! Whether a crate that the user names is one of those that are vetted here.

use std::collections::BTreeSet;

use vet_graph::Graph;
use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::wording;

/// A crate that is not in use is most likely a typing error.
///
/// # Errors
///
/// No third-party package has this name.
pub(crate) fn check(graph: &Graph, name: &str) -> Result<(), Diagnostic> {
    let mut named = graph.packages().filter(|package| package.name() == name).peekable();
    let is_known = named.peek().is_some();
    if named.any(|package| package.is_third_party()) {
        return Ok(());
    }
    let shown = wording::shown(name);
    let message = match is_known {
        true => format!("`{shown}` is a package of this project, not one from crates.io"),
        false => format!("`{shown}` is not among the dependencies of this project"),
    };
    let problem = Diagnostic::error(Code::NotADependency, message);
    let third_party = graph.packages().filter(|package| package.is_third_party());
    let names: BTreeSet<&str> = third_party.map(|package| package.name()).collect();
    Err(match wording::nearest(name, names).filter(|_| !is_known) {
        Some(nearest) => {
            problem.help(format!("did you mean `{}`? If not, use `--force`", wording::shown(nearest)))
        }
        None => problem.help("use `--force` if that is intended"),
    })
}
