//! The version that a user means who names only a package.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_graph::Graph;
use vet_store::Version;

use crate::session::Session;

/// The version of a package that is in use. If the settings leave the package out, the version that
/// is left out.
///
/// # Errors
///
/// The package is not in use, or several versions of it are. The help tells how to name a version
/// with `command`.
pub(crate) fn version_in_use<'a>(
    session: &'a Session<'_>,
    name: &str,
    command: &str,
) -> Result<&'a Version, Diagnostic> {
    let examined = versions(&session.graph, name);
    let versions = if examined.is_empty() { versions(session.whole(), name) } else { examined };
    match versions.as_slice() {
        [only] => Ok(only),
        [] => Err(not_in_use(session.whole(), name, command)),
        several => {
            let name = wording::shown(name);
            let list: String = several.iter().map(|version| format!("\n  {version}")).collect();
            let message = format!("several versions of `{name}` are in use{list}");
            Err(Diagnostic::error(Code::AmbiguousVersion, message)
                .help(format!("name one of them: `cargo vet {command} {name} VERSION`")))
        }
    }
}

fn versions<'a>(graph: &'a Graph, name: &str) -> Vec<&'a Version> {
    graph.packages().filter(|package| package.name() == name).map(|package| package.version()).collect()
}

fn not_in_use(graph: &Graph, name: &str, command: &str) -> Diagnostic {
    let names: BTreeSet<&str> = graph.packages().map(|package| package.name()).collect();
    let nearest = wording::nearest(name, names);
    let name = wording::shown(name);
    let message = format!("`{name}` is not in use, so a version is needed");
    let problem = Diagnostic::error(Code::AmbiguousVersion, message);
    match nearest {
        Some(nearest) => problem.help(format!(
            "did you mean `{}`? If not, name a version: `cargo vet {command} {name} VERSION`",
            wording::shown(nearest)
        )),
        None => problem.help(format!("name a version: `cargo vet {command} {name} VERSION`")),
    }
}
