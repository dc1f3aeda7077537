//! `import`: uses the audits of another project.

use std::path::Path;

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_fetch::http;
use vet_resolver::UpdateMode;
use vet_store::Store;

use crate::evaluation::Evaluation;
use crate::evaluation::violations;
use crate::fetched_store::registry;
use crate::fetched_store::{self, Network, Offline};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::Session;
use crate::session::attempts::repeated;
use crate::update::{LeftOutPackages, write_back};

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOutcome {
    /// The URLs of the audits, without passwords.
    pub urls: Vec<String>,
    /// The number of audits, violations and wildcard audits, for all crates.
    pub entries: usize,
    /// What changed in the store.
    pub changes: Changes,
}

/// Adds an import, which may replace exemptions. Without URLs, it takes them from the public
/// registry.
///
/// # Errors
///
/// The import exists with other URLs, the registry does not contain it, or something cannot be
/// fetched. Nothing is changed then.
pub fn import(
    context: &Context,
    network: Network<'_>,
    name: &str,
    urls: Vec<String>,
    observer: &dyn Observer,
) -> Report<ImportOutcome> {
    Report::of(observer, &context.overrides.levels, |run| {
        repeated(run, |run| try_to_import(context, network, name, urls.clone(), run))
    })
}

fn try_to_import(
    context: &Context,
    network: Network<'_>,
    name: &str,
    urls: Vec<String>,
    run: &Run<'_>,
) -> Result<ImportOutcome, Problems> {
    let session = Session::open(context, run)?;
    if let Some(problem) = no_address(name, &urls, session.folder()) {
        return Err(Problems::from(problem));
    }
    let urls = match urls.is_empty() {
        true => registry::member(name, network.client, run)?,
        false => urls,
    };
    let mut store: Store = session.loaded.store.clone();
    if let Some(existing) = store.config.imports.get(name).filter(|existing| existing.url != urls) {
        return Err(Problems::from(taken(name, &existing.url, &urls)));
    }
    store.config.imports.entry(name.to_owned()).or_default().url.clone_from(&urls);

    let offline = Offline { store: &store, ..Offline::of(&session) };
    let fetched = fetched_store::fetch_current(offline, network, run)?;
    let imported = fetched.store.imports.audits.get(name);
    let entries = imported.map_or(0, |peer| {
        peer.audits.values().map(Vec::len).sum::<usize>()
            + peer.wildcard_audits.values().map(Vec::len).sum::<usize>()
    });
    let evaluation = Evaluation::of(&session, &fetched.store);
    let mut warnings = violations::of_outcome(&evaluation.outcome());
    warnings.extend(violations::in_use(session.view(), &evaluation.resolver));
    warnings.extend(violations::missed_prereleases(session.view(), &evaluation.resolver));
    warnings.into_iter().for_each(|warning| run.found(warning));
    let changes = write_back(&session, &fetched.store, UpdateMode::PRUNE, LeftOutPackages::Kept, run)?;
    let urls = urls.iter().map(|url| http::shown(url)).collect();
    Ok(ImportOutcome { urls, entries, changes })
}

/// The finding for a plain word instead of a URL; it is probably the name of another project.
fn no_address(name: &str, urls: &[String], folder: &Path) -> Option<Diagnostic> {
    let is_name = |url: &&String| {
        !url.is_empty()
            && url.chars().all(|char| char.is_alphanumeric() || char == '-' || char == '_')
            && !folder.join(url).exists()
    };
    let names: Vec<&str> = urls.iter().filter(is_name).map(String::as_str).collect();
    let verb = if names.len() == 1 { "is not the address" } else { "are not addresses" };
    let listed = wording::list(names.iter().copied(), "and");
    let problem = Diagnostic::error(Code::NoAddress, format!("{listed} {verb} of an audits file"))
        .note("import one project at a time: give its name, then the URLs of its audits if it is not in the registry");
    // If there are also URLs, it is unclear what is meant.
    let commands = [name].into_iter().chain(names.iter().copied());
    let commands: Vec<String> =
        commands.map(|name| format!("cargo vet import {}", wording::shown(name))).collect();
    match names.len() {
        0 => None,
        number if number == urls.len() => {
            let commands = wording::list(commands.iter().map(String::as_str), "and then");
            Some(problem.help(format!("run {commands}")))
        }
        _ => Some(problem),
    }
}

fn taken(name: &str, existing: &[String], wanted: &[String]) -> Diagnostic {
    let name = wording::shown(name);
    // `config.toml` contains the password, if there is one, but messages go to logs that more
    // people can read.
    let list = |urls: &[String]| {
        let shown: Vec<String> = urls.iter().map(|url| http::shown(url)).collect();
        wording::list(shown.iter().map(String::as_str), "and")
    };
    Diagnostic::error(Code::ImportExists, format!("the import `{name}` already exists, from {}", list(existing)))
        .note("the entries imported under this name, which replaced exemptions, would be lost")
        .help(format!(
            "choose another name for {}; if the audits have moved, change `url` of `[imports.{name}]` in config.toml and \
             run `cargo vet regenerate imports`",
            list(wanted)
        ))
}
